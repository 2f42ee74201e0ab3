# stands in for nixpkgs: attributes of the same shape, built with nothing but /bin/sh
{ ... }:
let
  system = builtins.currentSystem;
  sh = script: [ "-c" "set -e; PATH=/usr/bin:/bin; ${script}" ];

  package = { pname, version, files, depends, commands, build }:
    (derivation {
      inherit pname version system depends;
      name = "${pname}-${version}";
      builder = "/bin/sh";
      args = sh ''
        mkdir -p $out
        cp -R --no-preserve=ownership ${files}/. $out
        chmod -R u+w $out
        if [ -n "$depends" ]; then
          mkdir -p $out/nix-support
          echo $depends >$out/nix-support/propagated-user-env-packages
        fi
        ${build}
      '';
    }) // {
      inherit pname version;
      meta = {
        description = "${pname} of the lab";
        outputsToInstall = [ "out" ];
        platforms = [ system ];
      } // (if commands == [ ] then { } else { mainProgram = builtins.head commands; });
    };

  # what nix-shell -p asks of nixpkgs: a stdenv whose setup puts the inputs on PATH
  stdenv = derivation {
    inherit system;
    name = "stdenv";
    builder = "/bin/sh";
    args = sh ''
      mkdir -p $out
      echo 'for i in $buildInputs; do [ -d $i/bin ] && PATH=$i/bin:$PATH; done; export PATH' >$out/setup
    '';
  };

  self = import ./packages.nix { inherit self package; } // {
    runCommand = name: attributes: _: derivation ({
      inherit name system stdenv;
      builder = "/bin/sh";
      args = sh "echo >$out";
    } // attributes);
    pkgs = builtins.removeAttrs self [ "pkgs" ];
  };
in
self
