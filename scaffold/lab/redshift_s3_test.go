package lab

import (
	"slices"
	"strings"
	"testing"
)

const (
	loader   = "arn:aws:iam::123456789012:role/loader"
	copyIn   = "COPY t FROM 's3://in/raw/' IAM_ROLE '" + loader + "'"
	unloadTo = "UNLOAD ('SELECT 1') TO 's3://out/monthly/' IAM_ROLE '" + loader + "' "
)

// withNames gives the roles of house names that SQL can say.
func withNames(p parts) parts {
	for id, name := range map[string]string{"Loader": "loader", "Stranger": "stranger"} {
		p[id] = strings.Replace(p[id], `"Properties": {`, `"Properties": {"RoleName": "`+name+`",`, 1)
	}
	return p
}

// holding puts objects into the buckets, by bucket/key.
func (r *sqlRig) holding(objects ...string) *sqlRig {
	r.t.Helper()
	for _, object := range objects {
		bucket, key, _ := strings.Cut(object, "/")
		if err := r.store.write(bucket, key, []byte("row of "+key), "x"); err != nil {
			r.t.Fatal(err)
		}
	}
	return r
}

func TestCopyReadsWhatLiesBelowItsPrefix(t *testing.T) {
	r := buildSQL(t, withNames(house()), &scriptedSQL{}).holding("in/raw/b.csv", "in/raw/a.csv", "in/raw/", "in/other.csv").batch(copyIn).play()
	same(t, "asked of the database", r.sql.asked, []string{"COPY s3://in/raw/a.csv=row of raw/a.csv s3://in/raw/b.csv=row of raw/b.csv", "COMMIT"})
	same(t, "summary", r.Outcome().Statements[0].Did(), "3 rows from 2 objects")
}

func TestCopyNeedsARoleThatRedshiftHasAndThatMayRead(t *testing.T) {
	attached := func(p parts, id string) parts {
		p["Namespace"] = strings.Replace(p["Namespace"], `"Loader"`, `"`+id+`"`, 1)
		return p
	}
	for _, test := range []struct {
		name, sql, error, unmet string
		house                   parts
	}{
		{"a role that the namespace does not have", strings.Replace(copyIn, "role/loader", "role/stranger", 1), "is not authorized to assume IAM Role", "", withNames(house())},
		{
			"a role that does not trust Redshift", copyIn, "is not authorized to assume IAM Role", "sts:AssumeRole",
			withNames(house().with(parts{"Loader": role("lambda.amazonaws.com", "s3:*")})),
		},
		{
			"a role that may not list", copyIn, "s3:ListBucket", "s3:ListBucket",
			withNames(house().with(parts{"Loader": role("redshift.amazonaws.com", "s3:GetObject")})),
		},
		{
			"a role that may not read", copyIn, "s3:GetObject", "s3:GetObject",
			withNames(house().with(parts{"Loader": role("redshift.amazonaws.com", "s3:ListBucket")})),
		},
		{"no default role", strings.Replace(copyIn, "'"+loader+"'", "default", 1), "no single role", "", withNames(house())},
		{"a prefix without objects", strings.Replace(copyIn, "raw/", "none/", 1), "The specified S3 prefix 'none/' does not exist", "", withNames(house())},
		{"a role of another id", strings.Replace(copyIn, "role/loader", "role/stranger", 1), "", "", attached(withNames(house()), "Stranger")},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := buildSQL(t, test.house, &scriptedSQL{}).holding("in/raw/a.csv").batch("DELETE FROM t", test.sql).play()
			message, _ := r.describe(r.ids[0])["Error"].(string)
			if (message == "") != (test.error == "") || !strings.Contains(message, test.error) {
				t.Errorf("got the error %q, want %q", message, test.error)
			}
			last := r.sql.asked[len(r.sql.asked)-1]
			if rolledBack := last == "ROLLBACK"; rolledBack != (test.error != "") {
				t.Errorf("the database was asked %q at the end", last)
			}
			unmet := slices.ContainsFunc(r.Outcome().Denials, func(d PolicyDecision) bool { return d.Action == test.unmet })
			if unmet != (test.unmet != "") {
				t.Errorf("got the denials %v, want one of %q", r.Outcome().Denials, test.unmet)
			}
		})
	}
}

func TestUnloadWritesWhenItsTimeIsOver(t *testing.T) {
	sql := &scriptedSQL{results: map[string]sqlResult{"UNLOAD": {Rows: 48, Written: []sqlFile{{Name: "0000_part_00.parquet"}}}}}
	r := buildSQL(t, withNames(house()), sql).batch(unloadTo).play()
	same(t, "objects", r.happened("ObjectCreated", "SqlEnded"), []string{"3.020048s ObjectCreated Out", "3.020048s SqlEnded Workgroup"})
	same(t, "summary", r.Outcome().Statements[0].Did(), "48 rows to 1 object")
	stopped := buildSQL(t, withNames(house()), sql, "slow:nightly:1h").batch(unloadTo).play()
	same(t, "objects of one that was stopped", stopped.happened("ObjectCreated"), nil)
}

func TestUnloadIntoAPlaceThatIsNotEmpty(t *testing.T) {
	written := []sqlFile{{Name: "year=2026/0000_part_00"}}
	for _, test := range []struct {
		name, more, error string
		left              []string
	}{
		{"is refused", "", "Specified unload destination on S3 is not empty", []string{"monthly/old", "monthly/year=2025/old", "monthly/year=2026/old"}},
		{"overwrites what has the same name", "ALLOWOVERWRITE", "", []string{"monthly/old", "monthly/year=2025/old", "monthly/year=2026/0000_part_00", "monthly/year=2026/old"}},
		{"removes all that is there", "CLEANPATH", "", []string{"monthly/year=2026/0000_part_00"}},
		{"removes what is in the partitions that it writes", "PARTITION BY (year) CLEANPATH", "", []string{"monthly/year=2025/old", "monthly/year=2026/0000_part_00"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			sql := &scriptedSQL{results: map[string]sqlResult{"UNLOAD": {Rows: 1, Written: written}}}
			objects := []string{"out/monthly/year=2025/old", "out/monthly/year=2026/old"}
			if !strings.HasPrefix(test.more, "PARTITION") {
				objects = append(objects, "out/monthly/old")
			}
			r := buildSQL(t, withNames(house()), sql).holding(objects...).batch(unloadTo + test.more).play()
			message, _ := r.describe(r.ids[0])["Error"].(string)
			if (message == "") != (test.error == "") || !strings.Contains(message, test.error) {
				t.Errorf("got the error %q, want %q", message, test.error)
			}
			keys, err := r.keysBelow(caller{Role: loader}, "out", "")
			if err != nil {
				t.Fatal(err)
			}
			same(t, "keys", keys, test.left)
		})
	}
}

func TestUnloadNeedsItsRoleToWrite(t *testing.T) {
	sql := &scriptedSQL{results: map[string]sqlResult{"UNLOAD": {Rows: 1, Written: []sqlFile{{Name: "0000_part_00"}}}}}
	key := parts{"Key": `{"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}]}}}`}
	for _, test := range []struct {
		name, more, unmet string
		may               []string
	}{
		{"to put", "", "s3:PutObject", []string{"s3:ListBucket"}},
		{"to delete what was there", "CLEANPATH", "s3:DeleteObject", []string{"s3:ListBucket", "s3:PutObject"}},
		{"to encrypt", "KMS_KEY_ID 'KEY' ENCRYPTED CLEANPATH", "kms:GenerateDataKey", []string{"s3:*"}},
		{"nothing more", "KMS_KEY_ID 'KEY' ENCRYPTED CLEANPATH", "", []string{"s3:*", "kms:GenerateDataKey", "kms:Decrypt"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := buildSQL(t, withNames(house().with(key).with(parts{"Loader": role("redshift.amazonaws.com", test.may...)})), sql)
			if strings.Contains(test.more, "CLEANPATH") {
				r.holding("out/monthly/old")
			}
			r.batch(unloadTo + strings.Replace(test.more, "KEY'", r.stack.Ref("Key")+"'", 1)).play()
			message, _ := r.describe(r.ids[0])["Error"].(string)
			if (message == "") != (test.unmet == "") || !strings.Contains(message, test.unmet) {
				t.Errorf("got the error %q, want a denial of %q", message, test.unmet)
			}
		})
	}
}
