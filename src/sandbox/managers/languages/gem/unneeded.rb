#!/usr/bin/env ruby
# Prints the gems, as NAME=VERSION, that nothing needs any more once some are gone, of those that came with them.
#
# Arguments: the names of those that go
# Environment: came, the names of what came, as gem:NAME=VERSION, blanks between

all = Gem::Specification.to_a
names = lambda { |spec| "#{spec.name}=#{spec.version}" }
came = ENV["came"].to_s.split.map { |word| word.sub(/\Agem:/, "") }
gone = all.select { |spec| ARGV.include?(spec.name) && !spec.default_gem? }
loop do
  left = all - gone
  needed = lambda do |spec|
    left.any? do |other|
      other.runtime_dependencies.any? do |need|
        need.matches_spec?(spec) && left.none? { |third| third != spec && need.matches_spec?(third) }
      end
    end
  end
  more = left.select { |spec| came.include?(names.call(spec)) && !needed.call(spec) }
  break if more.empty?
  gone += more
end
puts gone.reject { |spec| ARGV.include?(spec.name) }.map(&names)
