#!/usr/bin/env nix-instantiate
# A Nix function: the versions of the attribute `name` and its numbered ones (`nodejs_22`), as `pinned` finds them.

{ name }:
let
  path = builtins.filter builtins.isString (builtins.split "[.]" name);
  depth = builtins.length path - 1;
  last = builtins.elemAt path depth;
  down = s: i: if i == depth then s else down (s.${builtins.elemAt path i} or { }) (i + 1);
  set = down (import <nixpkgs> { }) 0;
  text = a: of:
    let t = builtins.tryEval (of set.${a});
    in if t.success && builtins.isString t.value then t.value else "";
  version = a: text a (p: p.version or "");
  found = builtins.filter (a: builtins.match "${last}(_?[0-9_]+)?" a != null && version a != "")
    (builtins.attrNames set);
in map (a: { attribute = a; version = version a; summary = text a (p: p.meta.description or ""); }) found
