#!/usr/bin/env python3
"""The generated tables: from which sources, and are they what is written?

  sources.py check [UNICODE TABLES]   0: each table is what its generator
                                      writes; without the folders the table
                                      of folds is compared with its checksum
  sources.py write UNICODE TABLES     writes the tables

UNICODE  Debian's unicode-data, /usr/share/unicode
TABLES   opencc/*.txt, confusables.txt and pinyin.txt, see gen_fold.py

Sources that are not the ones below are refused: another version of Unicode
changes what rules hit, which is a decision and no accident.
"""
import hashlib
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ENGINE = os.path.dirname(HERE)

# generator, table
PLAIN = (("gen_html_ref.py", "html/html_ref_data.c"),
         ("charset_data.py", "text/charset_data.c"))
FOLDS = ("gen_fold.py", "text/fold_data.c")

# what gen_fold.py reads: folder, file, version, SHA-256
SOURCES = (
    (0, "CaseFolding.txt", "Unicode 15.0.0",
     "cdd49e55eae3bbf1f0a3f6580c974a0263cb86a6a08daa10fbf705b4808a56f7"),
    (0, "DerivedCoreProperties.txt", "Unicode 15.0.0",
     "d367290bc0867e6b484c68370530bdd1a08b6b32404601b8c7accaf83e05628d"),
    (0, "EquivalentUnifiedIdeograph.txt", "Unicode 15.0.0",
     "f2e04bae8c856fad3a16353a99d4cc2de6c72770260379f5e4974a97548aad2a"),
    (1, "opencc/HKVariants.txt", "OpenCC",
     "e5cd4345303224587102f2c9e4d2b67d2b7e349c6ce9152e4a118f4656cf7302"),
    (1, "opencc/STCharacters.txt", "OpenCC",
     "a0ca1601c70648cf48b33c3c6210ccbecc5c7eead4b4c3daf76587ba2c03582b"),
    (1, "opencc/TSCharacters.txt", "OpenCC",
     "737c21c66f55a419dd6956cb3089476cdefc5a36877452631617696df1e5d925"),
    (1, "opencc/TWVariants.txt", "OpenCC",
     "e187278e119c427ca561180ac5da5b20e9f8681190458f35c327ce499e95a6a5"),
    (0, "UnicodeData.txt", "Unicode 15.0.0",
     "806e9aed65037197f1ec85e12be6e8cd870fc5608b4de0fffd990f689f376a73"),
    (0, "Unihan_Variants.txt.bz2", "Unicode 15.0.0",
     "42f42d18fe0368ca8dfb76d91bb2612b4bb34fe7960a4aa770687c0bf48a0cce"),
    (1, "confusables.txt", "confusables 14.0.0",
     "f901938af166c3afa471bd10c224b0979cd024340f290649e16b29f779d48bfe"),
    (0, "emoji/emoji-data.txt", "Unicode 15.0.0",
     "29071dba22c72c27783a73016afb8ffaeb025866740791f9c2d0b55cc45a3470"),
    (1, "pinyin.txt", "pinyin-data",
     "6170ab4ff7c9740fe765b1d35e6d3ad43554dd02874199388db513c44dcddf9d"),
)

# of the table that they make
FOLD_SHA256 = "9f5c1fa1ec5496a20d863698e422f01cb3266603626168391bc08d7b578eaffd"


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def made_by(name, *args):
    return subprocess.run([sys.executable, os.path.join(HERE, name), *args],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=True).stdout


def refused(folders):
    """sources that are other ones"""
    bad = []
    for which, name, version, want in SOURCES:
        path = os.path.join(folders[which], name)
        if not os.path.exists(path):
            bad.append("%s is missing (%s)" % (path, version))
        elif sha256(path) != want:
            bad.append("%s is not %s" % (path, version))
    return bad


def main():
    if len(sys.argv) not in (2, 4) or sys.argv[1] not in ("check", "write") \
       or sys.argv[1:] == ["write"]:
        sys.exit(__doc__)

    tables = [(table, made_by(name)) for name, table in PLAIN]

    if len(sys.argv) == 4:
        bad = refused(sys.argv[2:])
        if bad:
            sys.exit("\n".join(bad))
        tables.append((FOLDS[1], made_by(FOLDS[0], *sys.argv[2:])))

    elif sha256(os.path.join(ENGINE, FOLDS[1])) != FOLD_SHA256:
        sys.exit("%s is not what %s wrote (or its checksum in %s is old)"
                 % (FOLDS[1], FOLDS[0], os.path.basename(__file__)))

    for table, text in tables:
        path = os.path.join(ENGINE, table)
        if sys.argv[1] == "write":
            with open(path, "wb") as f:
                f.write(text)
        else:
            with open(path, "rb") as f:
                if f.read() != text:
                    sys.exit("%s is not what its generator writes" % table)


if __name__ == "__main__":
    main()
