# Make a gem server's files of the gems' sources in the folder ARGV[0], as `gem generate_index` did before it left Ruby:
# the specifications of all, and the compact index (versions, info/NAME) that rubygems.org has, too.
require "digest"
require "fileutils"
require "rubygems/package"
require "zlib"

def built(source)
  Gem::DefaultUserInteraction.use_ui(Gem::SilentUI.new) do
    Dir.chdir(source) { Gem::Package.build(Gem::Specification.load(File.expand_path(Dir["*.gemspec"][0]))) }
  end
  file = File.join("gems", File.basename(Dir["#{source}/*.gem"][0]))
  FileUtils.mv(File.join(source, File.basename(file)), file)
  FileUtils.rm_r(source)
  Gem::Package.new(file).spec
end

def packed(name, rows)
  Zlib::GzipWriter.open(name) { |io| io.write(Marshal.dump(rows)) }
end

def line(spec)
  needs = spec.runtime_dependencies.map { |need| "#{need.name}:#{need.requirement.as_list.join("&")}" }.join(",")
  "#{spec.version} #{needs}|checksum:#{Digest::SHA256.file("gems/#{spec.full_name}.gem").hexdigest}\n"
end

Dir.chdir(ARGV[0])
FileUtils.mkdir_p(%w[gems info quick/Marshal.4.8])
specs = Dir["[0-9]*-*"].sort.map { |source| built(source) }
rows = specs.map { |spec| [spec.name, spec.version, spec.original_platform] }
packed("specs.4.8.gz", rows)
packed("latest_specs.4.8.gz", rows.group_by(&:first).map { |_, same| same.max_by { |row| row[1] } })
packed("prerelease_specs.4.8.gz", [])
specs.each do |spec|
  spec.abbreviate
  File.binwrite("quick/Marshal.4.8/#{spec.full_name}.gemspec.rz", Zlib::Deflate.deflate(Marshal.dump(spec)))
end

versions = "created_at: 2026-01-01T00:00:00Z\n---\n"
specs.group_by(&:name).each do |name, same|
  info = "---\n#{same.map { |spec| line(spec) }.join}"
  File.write("info/#{name}", info)
  versions << "#{name} #{same.map(&:version).join(",")} #{Digest::MD5.hexdigest(info)}\n"
end
File.write("versions", versions)
