package lab

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/johannesboyne/gofakes3"
)

// The model of how long a crawl takes. AWS publishes no figures; these make a crawl of a few files last about a minute, as the runtimes
// that people show of theirs do, and let it grow with what a crawler does for each object and each call.
const (
	crawlStart    = 50 * time.Second       // resources are found, the role is assumed
	crawlPage     = 200 * time.Millisecond // ListObjectsV2, up to a thousand keys
	crawlObject   = 30 * time.Millisecond  // GetObject and the classifiers, several objects at once
	crawlMegabyte = 20 * time.Millisecond  // of samples, at 50 MB/s
	crawlCall     = 100 * time.Millisecond // of the Data Catalog, up to a hundred partitions
	keysOfPage    = 1000
	partsOfCall   = 100
)

// crawledFile is an object that a crawler has read.
type crawledFile struct {
	key     string
	size    int64
	folders []string // below the bucket
	schema
}

// crawling is one crawl while it is under way.
type crawling struct {
	*crawl
	lab     *Lab
	crawler *crawler
	by      caller
	id      string          // CRAWL_RUN_ID
	kept    map[string]bool // objects that are there
	folders map[string]bool // that it reads
	// locations are the tables of the database; who writes one leaves out the slash at its end as often as not.
	locations map[string]*catalogTable
}

// crawl lists the crawler's targets and writes what it finds to the catalog.
func (l *Lab) crawl(c *crawler) crawl {
	c.crawls++
	w := &crawling{
		crawl: &crawl{state: crawlSucceeded, duration: crawlStart}, lab: l, crawler: c, by: caller{Role: c.role},
		id: l.clock.UUID(), kept: map[string]bool{}, folders: map[string]bool{}, locations: map[string]*catalogTable{},
	}
	if err := w.run(); err != nil {
		w.state, w.message = crawlFailed, err.Error()
		if denied := (*apiError)(nil); errors.As(err, &denied) && denied.Code == accessDenied {
			w.message = denied.Message // it says so itself
		}
	}
	w.duration = w.duration.Round(time.Millisecond)
	l.keep("catalog.json", l.Catalog())
	return *w.crawl
}

func (w *crawling) run() error {
	if err := w.may("glue:GetDatabase", ""); err != nil {
		return err
	}
	database := w.lab.catalog.databases[w.crawler.database]
	if database == nil {
		return failed("EntityNotFoundException", "Database %s not found", w.crawler.database)
	}
	for _, table := range database.sorted() {
		location := table.StorageDescriptor.Location
		w.locations[location] = table
		if !strings.HasSuffix(location, "/") {
			w.locations[location+"/"] = table
		}
	}
	var all []foundTable
	for _, target := range w.crawler.settings.targets {
		files, err := w.read(target)
		if err != nil {
			return err
		}
		files, err = w.incremental(target, files)
		if err != nil {
			return err
		}
		all = append(all, w.group(target, files)...)
	}
	if most := w.crawler.settings.mostTables; most > 0 && len(all) > most {
		return failed("InvalidInputException", "the number of tables detected is %d, and the TableThreshold is %d: nothing was written", len(all), most)
	}
	for _, table := range all {
		if err := w.write(table); err != nil {
			return err
		}
	}
	if err := w.removed(); err != nil {
		return err
	}
	for folder := range w.folders {
		w.crawler.folders[folder] = true // a crawl that failed is done again
	}
	return nil
}

// log is what AWS writes to the log group /aws-glue/crawlers.
func (w *crawling) log(format string, args ...any) {
	w.lab.tell("glue", "CrawlerLog", w.crawler.id, map[string]any{"message": fmt.Sprintf(format, args...)})
}

// read lists a target as the crawler's role, and classifies what is in it.
func (w *crawling) read(target crawlTarget) ([]*crawledFile, error) {
	listed, err := w.list(target)
	if err != nil {
		return nil, err
	}
	var files []*crawledFile
	inFolder := map[string]int{}
	for _, object := range listed {
		file := &crawledFile{key: object.Key, size: object.Size, folders: strings.Split(object.Key, "/")}
		file.folders = file.folders[:len(file.folders)-1]
		folder := strings.Join(file.folders, "/")
		if target.sample > 0 && inFolder[folder] >= target.sample || w.seen(target, folder) {
			continue
		}
		inFolder[folder]++
		if err := w.classify(target, file); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	for folder := range inFolder {
		w.folders[target.bucket+"/"+folder] = true
	}
	return files, nil
}

// list lists the objects of a target that are not excluded. Objects without content are folders or markers, and have no schema.
func (w *crawling) list(target crawlTarget) ([]*gofakes3.Content, error) {
	prefix := target.prefix
	if prefix != "" {
		prefix += "/"
	}
	permission := need{action: "s3:ListBucket", bucket: target.bucket, context: map[string][]string{"s3:prefix": {prefix}}}
	if err := w.lab.store.permit(w.by, permission); err != nil {
		return nil, err
	}
	if w.lab.store.buckets[target.bucket] == nil {
		return nil, failed("NoSuchBucket", "The specified bucket does not exist: %s", target.bucket)
	}
	// The target may be an object as well as a folder.
	found, err := w.lab.store.objects.ListBucket(target.bucket, &gofakes3.Prefix{HasPrefix: target.prefix != "", Prefix: target.prefix}, gofakes3.ListBucketPage{})
	if err != nil {
		w.lab.broken(fmt.Errorf("list %s: %w", target.bucket, err))
		return nil, err
	}
	var out []*gofakes3.Content
	for _, object := range found.Contents {
		relative, below := strings.CutPrefix(object.Key, prefix)
		if !below && object.Key != target.prefix {
			continue
		}
		w.kept[target.bucket+"/"+object.Key] = true
		if object.Size > 0 && !target.excludes(relative) {
			out = append(out, object)
		}
	}
	w.duration += time.Duration(1+len(found.Contents)/keysOfPage) * crawlPage
	slices.SortFunc(out, func(a, b *gofakes3.Content) int { return cmp.Compare(a.Key, b.Key) })
	return out, nil
}

func (t crawlTarget) excludes(relative string) bool {
	for _, pattern := range t.excluded {
		if pattern.MatchString(relative) {
			return true
		}
	}
	return false
}

// classify reads an object as the crawler's role.
func (w *crawling) classify(target crawlTarget, file *crawledFile) error {
	permission := need{action: "s3:GetObject", bucket: target.bucket, key: file.key, kms: decrypts}
	if err := w.lab.store.permit(w.by, permission); err != nil {
		return err
	}
	w.lab.lineage.reads(w.by.Role, target.bucket, file.key)
	data, err := w.lab.store.read(target.bucket, file.key)
	if err == nil {
		file.schema, err = classify(data, w.crawler.settings.classifiers)
	}
	if err != nil {
		err = fmt.Errorf("crawler %s: s3://%s/%s: %w", w.crawler.id, target.bucket, file.key, err)
		w.lab.broken(err)
		return err
	}
	if file.classification == unclassified {
		w.log("s3://%s/%s: no classifier recognizes it, its classification is %s", target.bucket, file.key, unclassified)
	}
	w.duration += crawlObject + time.Duration(file.sampled)*crawlMegabyte/sampleSize
	return nil
}

// seen says whether an incremental crawl leaves a folder out.
// Source: AWS Glue Developer Guide, "Scheduling incremental crawls for adding new partitions", read 2026-11.
func (w *crawling) seen(target crawlTarget, folder string) bool {
	return w.crawler.settings.newOnly && w.crawler.folders[target.bucket+"/"+folder]
}

// location is an object, or a folder with a slash at its end, as the catalog writes it.
func (t crawlTarget) location(path string, folder bool) string {
	location := "s3://" + t.bucket + "/" + path
	if folder && path != "" {
		location += "/"
	}
	return location
}

// may checks an action on the Data Catalog: it needs the catalog, the database and the table.
func (w *crawling) may(action, table string) error {
	w.duration += crawlCall
	if err := w.lab.mayCatalog(w.by, action, w.crawler.database, table); err != nil {
		return err
	}
	return nil
}
