package pattern

import "strings"

// add enters a path into the tree, a step for each part between dots.
func (n *node) add(path string, index int) {
	for step := range strings.SplitSeq(path, ".") {
		next := n.step(step)
		if next == nil {
			next = &node{name: step, path: -1}
			n.children = append(n.children, next)
		}
		n = next
	}
	n.path = index
}

func (n *node) step(name string) *node {
	for _, child := range n.children {
		if child.name == name {
			return child
		}
	}
	return nil
}

// child follows a key of an event, which may have dots and then makes several steps.
func (n *node) child(key []byte) *node {
	for _, child := range n.children {
		size := len(child.name)
		switch {
		case len(key) < size || string(key[:size]) != child.name:
		case len(key) == size:
			return child
		case key[size] == '.':
			return child.child(key[size+1:]) // names have no dots, so no other child can fit
		}
	}
	return nil
}
