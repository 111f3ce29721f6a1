# One derivation of each kind that the differential test builds with Nix and with Cooper. All are deterministic.
let
  shell =
    name: script: more:
    derivation (
      {
        inherit name;
        system = builtins.currentSystem;
        builder = "/bin/sh";
        args = [ "-c" script ];
        PATH = "/bin:/usr/bin";
      }
      // more
    );
  fixed = mode: hash: {
    outputHashAlgo = "sha256";
    outputHashMode = mode;
    outputHash = hash;
  };
in
rec {
  plain = shell "plain" "echo ok > $out" { };
  empty = shell "empty" ": > $out" { };
  large = shell "large" "head -c 3000000 /dev/zero > $out" { };
  self = shell "self" "mkdir $out; echo $out/bin > $out/self; echo nothing > $out/other" { };
  outputs = shell "outputs" "echo $doc > $out; mkdir $dev; ln -s $out $dev/link; echo none > $doc" {
    outputs = [ "out" "dev" "doc" ];
  };
  link = shell "link" "ln -s $plain $out" { inherit plain; };
  dangling = shell "dangling" "ln -s /no/such/../place $out" { };
  tree =
    shell "tree"
      "mkdir -p $out/bin $out/b/empty $out/a-; echo '#!/bin/sh' > $out/bin/run; chmod 755 $out/bin/run; chmod 700 $out/bin; echo x > $out/a; echo y > $out/a-/x; chmod 600 $out/a; ln $out/a $out/hard"
      { };
  names = shell "names" "mkdir $out; echo > \"$out/$(basename $plain)-in-a-name\"; ln -s $self/other $out/target" {
    inherit plain self;
  };
  bytes = shell "bytes" "printf '%s' \"$odd\" > $out; printf '%b' '\\000\\377\\n' >> $out" {
    odd = "tab\there \"quoted\" \\ back\r\n\${not} é€ ";
  };
  lines = derivation {
    name = "lines";
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-c" "echo one > $out\nfor i in \"$@\"; do\n\techo \"<$i>\" >> $out\ndone" "zero" "" "two\nlines" "\"" "\\n" ];
  };
  source = shell "source" "cat $file > $out; ls $directory >> $out; echo $file >> $out" {
    file = ./source.txt;
    directory = ./tree;
  };
  text = shell "text" "cat $text > $out" { text = builtins.toFile "text" "to see ${self.name}\n"; };
  flat = shell "flat" "echo hello > $out" (fixed "flat" (builtins.hashString "sha256" "hello\n"));
  recursive = shell "recursive" "echo hello > $out" (
    fixed "recursive" "1c37d01af40be2e80691de3cc3df44377a699afbb17c68f080964b2fd071fc13"
  );
  usesFlat = shell "uses-flat" "cat $flat > $out; echo $flat >> $out" { inherit flat; };
  chain =
    (builtins.foldl' (
      previous: number:
      shell "chain-${toString number}" "echo $previous > $out; echo $plain >> $out" {
        inherit previous plain;
      }
    ) outputs.dev (builtins.genList (n: n) 6));
  asFile = shell "as-file" "cat $longPath $emptyPath > $out; echo \"[$long] [$empty] [$none] $passAsFile\" >> $out" {
    long = "a 'b' \n\tc\n";
    empty = "";
    passAsFile = [ "long" "empty" "none" ];
  };
  structured =
    shell "structured"
      "PATH=/bin:/usr/bin; out=$(sed 's/.*\"out\":\"\\([^\"]*\\)\".*/\\1/' .attrs.json); cat .attrs.json .attrs.sh > $out; cmp .attrs.json $NIX_ATTRS_JSON_FILE; cmp .attrs.sh $NIX_ATTRS_SH_FILE; echo \"[$text] [$name]\" >> $out"
      {
        __structuredAttrs = true;
        text = "it's\n\"quoted\" \\ é";
        number = 1234567;
        negative = -3;
        half = 1.5;
        yes = true;
        no = false;
        nothing = null;
        list = [ "a b" 1 true null "" ];
        mixed = [ [ 1 ] ];
        object = { b = "1"; a = 2; "odd name" = "x"; };
        deep = { a = { b = 1; }; };
        "not-a-name" = "x";
        inherit plain;
      };
  graphs =
    shell "graphs"
      "PATH=/bin:/usr/bin; out=$(sed 's/.*\"outputs\":{\"out\":\"\\([^\"]*\\)\".*/\\1/' .attrs.json); cat .attrs.json > $out"
      {
        __structuredAttrs = true;
        exportReferencesGraph = { closure = [ chain plain ]; };
      };
  graph = shell "graph" "cat one two > $out" {
    exportReferencesGraph = [ "one" chain "two" self ];
  };
}
