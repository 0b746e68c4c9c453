package pattern

import (
	"bytes"
	"strings"
)

// add enters a path into the tree, a step for each part between dots.
func (n *node) add(path string, index int) {
	for step := range strings.SplitSeq(path, ".") {
		next := n.step([]byte(step))
		if next == nil {
			next = &node{name: step, path: -1}
			n.children = append(n.children, next)
		}
		n = next
	}
	n.path = index
}

func (n *node) step(name []byte) *node {
	for _, child := range n.children {
		if child.name == string(name) {
			return child
		}
	}
	return nil
}

// child follows a key of an event, which may have dots and then makes several steps.
func (n *node) child(key []byte) *node {
	if next := n.step(key); next != nil {
		return next
	}
	for n != nil {
		dot := bytes.IndexByte(key, '.')
		if dot < 0 {
			return n.step(key)
		}
		n, key = n.step(key[:dot]), key[dot+1:]
	}
	return nil
}
