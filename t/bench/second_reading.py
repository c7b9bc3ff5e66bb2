#!/usr/bin/env python3
"""second_reading.py TITLES: the second reading of labelled titles.

Prints the lines of TITLES (label, tab, title) that second_reading.txt names, each
with the label that the second reader gave it, for `moderationctl learn TITLES
SECOND`: titles with both labels are left out, titles with one label twice
count twice.
"""

import os
import sys


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    here = os.path.dirname(os.path.abspath(__file__))
    numbers = {'other': set(), 'clear': set()}
    kind = None
    with open(os.path.join(here, 'second_reading.txt'), encoding='utf-8') as f:
        for line in f:
            words = line.split()
            if words and words[0] in numbers:
                kind = words[0]
            elif words and words[0].isdigit():
                numbers[kind].update(map(int, words))
    with open(sys.argv[1], encoding='utf-8', newline='\n') as f:
        for i, line in enumerate(f):
            label, title = line.rstrip('\n').split('\t', 1)
            if i in numbers['other']:
                print('%d\t%s' % (1 - int(label), title))
            elif i in numbers['clear']:
                print('%s\t%s' % (label, title))


if __name__ == '__main__':
    main()
