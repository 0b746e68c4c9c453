package pattern

import (
	"errors"
	"strconv"
	"strings"
)

// addressDigits writes an IP address as hexadecimal digits, 8 or 32 of them, into out, and returns how many; 0 if the text is
// no address. AWS's engine reads addresses as Java does, which is why the parsers of Go's library do not serve: it takes leading
// zeros, no address within an address (::1.2.3.4), no zone, and turns ::ffff:a.b.c.d, in hexadecimal, into IPv4.
// Source: event-ruler 2.1, CIDR; java.net.InetAddress.
func addressDigits[T string | []byte](out *[32]byte, text T) int {
	var address [16]byte
	size := parseAddress(&address, text)
	for i, b := range address[:size] {
		out[2*i], out[2*i+1] = hexDigits[b>>4], hexDigits[b&15]
	}
	return 2 * size
}

const hexDigits = "0123456789ABCDEF"

func parseAddress[T string | []byte](address *[16]byte, text T) int {
	if len(text) < 2 || len(text) > 4096 {
		return 0
	}
	colon, dot := false, false
	for i := range len(text) {
		switch c := text[i]; {
		case c == ':':
			colon = true
		case c == '.':
			dot = true
		case c >= '0' && c <= '9':
		case c|0x20 >= 'a' && c|0x20 <= 'f':
		default:
			return 0
		}
	}
	switch {
	case dot && !colon:
		return parseIPv4(address, text)
	case colon && !dot:
		return parseIPv6(address, text)
	}
	return 0
}

func parseIPv4[T string | []byte](address *[16]byte, text T) int {
	if len(text) > 15 {
		return 0
	}
	part, value, size := 0, 0, 0
	for i := 0; i <= len(text); i++ {
		if i == len(text) || text[i] == '.' {
			if size == 0 || value > 255 || part > 3 {
				return 0
			}
			address[part] = byte(value)
			part, value, size = part+1, 0, 0
			continue
		}
		if text[i] > '9' {
			return 0
		}
		value, size = value*10+int(text[i]-'0'), size+1
	}
	if part != 4 {
		return 0
	}
	return 4
}

// parseIPv6 follows Java's textToNumericFormatV6 for text without dots.
func parseIPv6[T string | []byte](address *[16]byte, text T) int {
	i := 0
	if text[0] == ':' {
		if text[1] != ':' {
			return 0
		}
		i = 1
	}
	groups := hextets{address: address, gap: -1}
	value, digits := 0, false
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c != ':':
			if value = value<<4 | hexValue(c); value > 0xffff {
				return 0
			}
			digits = true
		case digits:
			if i+1 == len(text) || !groups.add(value) {
				return 0
			}
			value, digits = 0, false
		case groups.gap >= 0:
			return 0
		default:
			groups.gap = groups.size
		}
	}
	if digits && !groups.add(value) || !groups.fill() {
		return 0
	}
	return unmap(address)
}

// hextets are the groups of an IPv6 address, which :: may have a gap in.
type hextets struct {
	address   *[16]byte
	size, gap int // in bytes; gap is -1 if there is none
}

func (h *hextets) add(value int) bool {
	if h.size+2 > len(h.address) {
		return false
	}
	h.address[h.size], h.address[h.size+1] = byte(value>>8), byte(value)
	h.size += 2
	return true
}

// fill puts zeros into the gap. It is false if the address is not complete then, or was without it.
func (h *hextets) fill() bool {
	if h.gap < 0 || h.size == len(h.address) {
		return h.gap < 0 && h.size == len(h.address)
	}
	tail := len(h.address) - (h.size - h.gap)
	copy(h.address[tail:], h.address[h.gap:h.size])
	clear(h.address[h.gap:tail])
	return true
}

// unmap turns an IPv4 address that is mapped into IPv6 back.
func unmap(address *[16]byte) int {
	for i, b := range address[:12] {
		if want := byte(0xff); i < 10 && b != 0 || i >= 10 && b != want {
			return 16
		}
	}
	copy(address[:4], address[12:])
	return 4
}

func hexValue(c byte) int {
	if c <= '9' {
		return int(c - '0')
	}
	return int(c|0x20-'a') + 10
}

// parseCIDR returns the first and the last address of a range as hexadecimal digits.
func parseCIDR(text string) (low, high string, err error) {
	ip, mask, err := splitCIDR(text)
	if err != nil {
		return "", "", err
	}
	var address, last [16]byte
	size := parseAddress(&address, ip)
	switch {
	case size == 0:
		return "", "", errors.New(badAddress(ip) + ip)
	case size == 4 && mask > 31:
		return "", "", errors.New("IPv4 mask bits must be < 32")
	case mask > 127:
		return "", "", errors.New("IPv6 mask bits must be < 128")
	}
	for i := range size {
		free := byte(0xff)
		if fixed := mask - 8*i; fixed >= 8 {
			free = 0
		} else if fixed > 0 {
			free >>= fixed
		}
		last[i] = address[i] | free
		address[i] &^= free
	}
	return hexText(address[:size]), hexText(last[:size]), nil
}

// splitCIDR cuts as Java's String.split does, which drops empty parts at the end.
func splitCIDR(text string) (ip string, mask int, err error) {
	parts := strings.Split(text, "/")
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	if len(parts) != 2 {
		return "", 0, errors.New("Malformed CIDR, one '/' required") //nolint:staticcheck // AWS's words
	}
	bits, err := strconv.ParseInt(parts[1], 10, 32)
	if err != nil {
		return "", 0, errors.New("Malformed CIDR, mask bits must be an integer") //nolint:staticcheck // AWS's words
	}
	if bits < 0 {
		return "", 0, errors.New("Malformed CIDR, mask bits must not be negative") //nolint:staticcheck // AWS's words
	}
	return parts[0], int(bits), nil
}

// badAddress are AWS's words for text that is no address: one message for what does not even look like one, one for the rest.
func badAddress(ip string) string {
	if looksLikeAddress(ip) {
		return "Invalid IP address: "
	}
	return "Nonstandard IP address: "
}

// looksLikeAddress is the engine's test before it asks Java: four numbers with dots between, or hexadecimal digits with colons.
func looksLikeAddress(ip string) bool {
	if strings.Contains(ip, ":") {
		return strings.Trim(ip, ":0123456789abcdefABCDEF") == ""
	}
	parts := strings.Split(ip, ".")
	if len(parts) != 4 {
		return false
	}
	for _, part := range parts {
		if part == "" || strings.Trim(part, "0123456789") != "" {
			return false
		}
	}
	return true
}

func hexText(address []byte) string {
	text := make([]byte, 0, 32)
	for _, b := range address {
		text = append(text, hexDigits[b>>4], hexDigits[b&15])
	}
	return string(text)
}
