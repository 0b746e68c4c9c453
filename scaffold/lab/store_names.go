package lab

import (
	"fmt"
	"net/http"
	"path"
	"regexp"
	"strings"
)

// chance is how Sail names a file that it writes: sixteen letters by chance, and a number.
var chance = regexp.MustCompile(`^([A-Za-z0-9]{16})_(\d+)((?:\.[a-z0-9]+)+)$`)

// names let what Sail writes be called alike in each run: part-00000 of the first write to a folder, and so on, as Spark counts.
type names map[string]map[string]int // by folder: the number of each write

// settled is the key without chance. The same write keeps its name however often it is asked for.
func (n names) settled(bucket, key string) string {
	folder, base := path.Split(key)
	parts := chance.FindStringSubmatch(base)
	if parts == nil {
		return key
	}
	writes := n[bucket+"/"+folder]
	if writes == nil {
		writes = map[string]int{}
		n[bucket+"/"+folder] = writes
	}
	number, known := writes[parts[1]]
	if !known {
		number = len(writes)
		writes[parts[1]] = number
	}
	return fmt.Sprintf("%spart-%05d-%s%s", folder, number, parts[2], parts[3])
}

// namesByChance says that whoever calls with an access key is Sail.
func (s *store) namesByChance(accessKey string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.sail[accessKey] = true
}

// rename gives the key of a request of Sail's the name that it has here. What lies there under the very name was not named by Sail.
func (s *store) rename(r *http.Request) {
	bucket, key, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !ok || !chance.MatchString(path.Base(key)) {
		return
	}
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	accessKey, _, _ := strings.Cut(credential, "/")
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !s.sail[accessKey] {
		return
	}
	if _, err := s.objects.HeadObject(bucket, key); err == nil {
		return
	}
	r.URL.Path, r.URL.RawPath = "/"+bucket+"/"+s.names.settled(bucket, key), ""
}
