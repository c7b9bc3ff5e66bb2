// A second opinion on the ledger, from code that knows nothing of this
// project: golang.org/x/mod/sumdb, which Go's own checksum database runs on.
//
//	verify log DIR VKEY [PAIRS]   signature, root, every leaf, random proofs
//	verify proof FILE VKEY        one C2SP tlog-proof
//	verify cosigned FILE VKEY     a witness's signature (C2SP tlog-cosignature)
//	verify vectors                roots and proofs of small trees, for t/unit
//
// Only the names of files and the form of a bundle are ours: C2SP tlog-tiles.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, a ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", a...)
	os.Exit(1)
}

func check(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

// index of a tile in groups of three digits
func path(index int64) string {
	s := fmt.Sprintf("%03d", index%1000)
	for index >= 1000 {
		index /= 1000
		s = fmt.Sprintf("x%03d/%s", index%1000, s)
	}
	return s
}

func read(dir, kind string, index int64, width int) ([]byte, error) {
	p := filepath.Join(dir, "tile", kind, path(index))
	if width < 256 {
		b, err := os.ReadFile(p + ".p/" + strconv.Itoa(width))
		if err == nil {
			return b, nil
		}
	}
	return os.ReadFile(p)
}

type tiles struct{ dir string }

func (t tiles) Height() int { return 8 }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(list []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range list {
		b, err := read(t.dir, strconv.Itoa(tile.L), tile.N, tile.W)
		if err != nil {
			return nil, err
		}
		if len(b) < tile.W*tlog.HashSize {
			return nil, fmt.Errorf("tile %v is short", tile)
		}
		out = append(out, b[:tile.W*tlog.HashSize])
	}
	return out, nil
}

func open(text []byte, vkey string) tlog.Tree {
	key, err := os.ReadFile(vkey)
	check(err, vkey)
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	check(err, vkey)
	n, err := note.Open(text, note.VerifierList(verifier))
	check(err, "checkpoint")
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		fail("checkpoint: origin")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "checkpoint: size")
	root, err := tlog.ParseHash(lines[2])
	check(err, "checkpoint: root")
	return tlog.Tree{N: size, Hash: root}
}

func entries(dir string, index int64, width int) [][]byte {
	b, err := read(dir, "entries", index, width)
	check(err, "entries")
	var out [][]byte
	for len(b) > 0 && len(out) < width {
		if len(b) < 2 {
			fail("entries %d: cut off", index)
		}
		n := int(binary.BigEndian.Uint16(b))
		if len(b) < 2+n {
			fail("entries %d: cut off", index)
		}
		out = append(out, b[2:2+n])
		b = b[2+n:]
	}
	if len(out) != width {
		fail("entries %d: %d of %d", index, len(out), width)
	}
	return out
}

// Everything is worked out again from the entries and then compared with the
// files: TileHashReader alone is not enough, since it checks a tile against
// its parent only from the len(stx)-th on, where stx are the subtrees of the
// whole tree, of which several can lie in one tile.
func log(dir, vkey string, pairs int) {
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	check(err, "checkpoint")
	tree := open(text, vkey)

	var m memory
	leaves := make([]tlog.Hash, 0, tree.N)
	for i := int64(0); i*256 < tree.N; i++ {
		width := int64(256)
		if tree.N-i*256 < width {
			width = tree.N - i*256
		}
		for _, e := range entries(dir, i, int(width)) {
			h, err := tlog.StoredHashes(int64(len(leaves)), e, m)
			check(err, "hashes")
			m = append(m, h...)
			leaves = append(leaves, tlog.RecordHash(e))
		}
	}

	if tree.N > 0 {
		root, err := tlog.TreeHash(tree.N, m)
		check(err, "root")
		if root != tree.Hash {
			fail("the entries give another root")
		}
	}

	for l := 0; tree.N>>(8*l) > 0; l++ {
		n := tree.N >> (8 * l)
		for i := int64(0); i*256 < n; i++ {
			width := n - i*256
			if width > 256 {
				width = 256
			}
			want, err := tlog.ReadTileData(
				tlog.Tile{H: 8, L: l, N: i, W: int(width)}, m)
			check(err, "tile")
			got, err := read(dir, strconv.Itoa(l), i, int(width))
			check(err, "tile")
			if len(got) < len(want) || !bytes.Equal(got[:len(want)], want) {
				fail("tile %d/%d is not what the entries give", l, i)
			}
		}
	}

	// proofs out of tiles, as a client of the log would make them
	hashes := tlog.TileHashReader(tree, tiles{dir})
	rand.Seed(time.Now().UnixNano())
	for k := 0; k < pairs && tree.N > 0; k++ {
		n := rand.Int63n(tree.N) + 1
		i := rand.Int63n(n) + 1
		root, err := tlog.TreeHash(n, m)
		check(err, "root")
		old, err := tlog.TreeHash(i, m)
		check(err, "root")
		tp, err := tlog.ProveTree(n, i, hashes)
		check(err, "consistency")
		check(tlog.CheckTree(tp, n, root, i, old), "consistency")
		rp, err := tlog.ProveRecord(n, i-1, hashes)
		check(err, "inclusion")
		check(tlog.CheckRecord(rp, n, root, i-1, leaves[i-1]), "inclusion")
	}
	fmt.Printf("ok %d leaves, %d pairs\n", tree.N, pairs)
}

func proof(file, vkey string) {
	text, err := os.ReadFile(file)
	check(err, file)
	i := bytes.Index(text, []byte("\n\n"))
	if i < 0 {
		fail("no checkpoint")
	}
	lines := strings.Split(string(text[:i]), "\n")
	tree := open(text[i+2:], vkey)
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" ||
		!strings.HasPrefix(lines[1], "extra ") ||
		!strings.HasPrefix(lines[2], "index ") {
		fail("no tlog-proof")
	}
	leaf, err := base64.StdEncoding.DecodeString(lines[1][6:])
	check(err, "extra")
	index, err := strconv.ParseInt(lines[2][6:], 10, 64)
	check(err, "index")
	var p tlog.RecordProof
	for _, l := range lines[3:] {
		h, err := tlog.ParseHash(l)
		check(err, "path")
		p = append(p, h)
	}
	check(tlog.CheckRecord(p, tree.N, tree.Hash, index, tlog.RecordHash(leaf)),
		"inclusion")
	fmt.Printf("ok leaf %d of %d\n%s\n", index, tree.N, leaf)
}

// sumdb knows no cosignatures: the key, the message and Ed25519 by hand
func cosigned(file, vkey string) {
	text, err := os.ReadFile(file)
	check(err, file)
	b, err := os.ReadFile(vkey)
	check(err, vkey)
	parts := strings.SplitN(strings.TrimSpace(string(b)), "+", 3)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	check(err, vkey)
	if len(key) != 33 || key[0] != 4 {
		fail("not the key of a witness")
	}
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	i := bytes.LastIndex(text, []byte("\n\n"))
	for _, l := range strings.Split(string(text[i+2:]), "\n") {
		f := strings.Fields(l)
		if len(f) != 3 || f[1] != parts[0] {
			continue
		}
		sig, err := base64.StdEncoding.DecodeString(f[2])
		check(err, "signature")
		if len(sig) != 4+8+64 || !bytes.Equal(sig[:4], id[:4]) {
			fail("signature")
		}
		when := binary.BigEndian.Uint64(sig[4:])
		msg := fmt.Sprintf("cosignature/v1\ntime %d\n%s", when, text[:i+1])
		if !ed25519.Verify(key[1:], []byte(msg), sig[12:]) {
			fail("the signature is wrong")
		}
		fmt.Printf("ok %s at %d\n", parts[0], when)
		return
	}
	fail("not signed by %s", parts[0])
}

// leaf i is the decimal number i
type memory []tlog.Hash

func (m memory) ReadHashes(list []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range list {
		out = append(out, m[i])
	}
	return out, nil
}

func vectors() {
	var m memory
	const max = 70000
	for i := int64(0); i < max; i++ {
		h, err := tlog.StoredHashes(i, []byte(strconv.FormatInt(i, 10)), m)
		check(err, "store")
		m = append(m, h...)
	}
	sizes := []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 100, 255,
		256, 257, 511, 512, 513, 1000, 65535, 65536, 65537, 66000, max}
	for _, n := range sizes {
		root, err := tlog.TreeHash(n, m)
		check(err, "root")
		fmt.Printf("root %d %v\n", n, root)
		for _, i := range []int64{0, 1, n / 3, n / 2, n - 2, n - 1} {
			if i < 0 || i >= n {
				continue
			}
			p, err := tlog.ProveRecord(n, i, m)
			check(err, "inclusion")
			fmt.Printf("inclusion %d %d", i, n)
			for _, h := range p {
				fmt.Printf(" %v", h)
			}
			fmt.Println()
		}
		for _, i := range []int64{1, 2, n / 4, n / 2, n / 2 + 1, n - 1, n} {
			if i < 1 || i > n {
				continue
			}
			p, err := tlog.ProveTree(n, i, m)
			check(err, "consistency")
			fmt.Printf("consistency %d %d", i, n)
			for _, h := range p {
				fmt.Printf(" %v", h)
			}
			fmt.Println()
		}
	}
}

func main() {
	a := os.Args[1:]
	switch {
	case len(a) >= 3 && a[0] == "log":
		pairs := 200
		if len(a) > 3 {
			pairs, _ = strconv.Atoi(a[3])
		}
		log(a[1], a[2], pairs)
	case len(a) == 3 && a[0] == "proof":
		proof(a[1], a[2])
	case len(a) == 3 && a[0] == "cosigned":
		cosigned(a[1], a[2])
	case len(a) == 1 && a[0] == "vectors":
		vectors()
	default:
		fail("usage: verify log DIR VKEY [PAIRS] | proof FILE VKEY |" +
			" cosigned FILE VKEY | vectors")
	}
}
