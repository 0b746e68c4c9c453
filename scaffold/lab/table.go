package lab

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// table is a DynamoDB table.
type table struct {
	id, name, arn string
	kmsKey        string            // that encrypts it; empty: DynamoDB's own
	keys          []string          // the partition key, and the sort key if there is one
	types         map[string]string // of the keys of the table and its indexes
	items         map[string]dynamoItem
	order         []string // of their keys, as they were first written
}

func (l *Lab) readTables() error {
	for _, id := range l.stack.ByType("AWS::DynamoDB::Table") {
		resource := l.stack.Resources[id]
		t := &table{id: id, name: l.stack.Ref(id), arn: l.stack.Attribute(id, "Arn"), types: map[string]string{}, items: map[string]dynamoItem{}}
		types := map[string]string{}
		for _, given := range cfn.List(resource.Get("AttributeDefinitions")) {
			types[cfn.Text(cfn.Field(given, "AttributeName"))] = cfn.Text(cfn.Field(given, "AttributeType"))
		}
		t.keys = keyNames(resource.Get("KeySchema"))
		names := slices.Clone(t.keys)
		for _, kind := range []string{"GlobalSecondaryIndexes", "LocalSecondaryIndexes"} {
			for _, index := range cfn.List(resource.Get(kind)) {
				names = append(names, keyNames(cfn.Field(index, "KeySchema"))...)
			}
		}
		for _, name := range names {
			if types[name] == "" {
				return fmt.Errorf("table %s: the key %s has no type, expected one in AttributeDefinitions", id, name)
			}
			t.types[name] = types[name]
		}
		if len(t.keys) == 0 {
			return fmt.Errorf("table %s: it has no partition key, expected one in KeySchema", id)
		}
		if cfn.Field(resource.Get("SSESpecification"), "SSEEnabled") == true {
			t.kmsKey, _ = resource.Get("SSESpecification", "KMSMasterKeyId").(string)
		}
		if resource.Get("TimeToLiveSpecification", "Enabled") == true {
			l.ignore(id, "the lab removes no items whose time to live is over")
		}
		l.tables[t.name], l.tables[t.arn] = t, t
	}
	return nil
}

// keyNames are the attributes of a key: the partition key first.
func keyNames(schema any) []string {
	var partition, sort []string
	for _, given := range cfn.List(schema) {
		name := cfn.Text(cfn.Field(given, "AttributeName"))
		if cfn.Field(given, "KeyType") == "HASH" {
			partition = append(partition, name)
		} else {
			sort = append(sort, name)
		}
	}
	return append(partition, sort...)
}

var tableActions = map[string]handler{
	"dynamodb:putitem":    (*Lab).putItem,
	"dynamodb:getitem":    (*Lab).getItem,
	"dynamodb:updateitem": (*Lab).updateItem,
	"dynamodb:deleteitem": (*Lab).deleteItem,
}

// maxItem is the largest item. Source: Amazon DynamoDB Developer Guide, "Quotas in Amazon DynamoDB", Items, read 2026-11.
const maxItem = 400 << 10

// itemCall is a call about one item of a table.
type itemCall struct {
	*expressions
	lab       *Lab
	table     *table
	input     map[string]any
	key       string
	condition condition // nil: none
	before    dynamoItem
	there     bool
}

// itemCall checks a call: its parameters, the permissions, the key, and the condition.
// Source: Service Authorization Reference, Amazon DynamoDB; Amazon DynamoDB Developer Guide, "Encryption at rest"; read 2026-11.
func (l *Lab) itemCall(by caller, action string, input map[string]any, key string, takes ...string) (*itemCall, *apiError) {
	names := append([]string{"TableName", key, "ReturnConsumedCapacity", "ExpressionAttributeNames"}, takes...)
	if err := l.known("dynamodb:"+action, input, names...); err != nil {
		return nil, err
	}
	given, ok := input[key].(map[string]any)
	if !ok {
		return nil, invalid("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", strings.ToLower(key[:1])+key[1:])
	}
	t := l.tables[text(input, "TableName")]
	if t == nil {
		return nil, failed("ResourceNotFoundException", "Requested resource not found")
	}
	c := &itemCall{lab: l, table: t, input: input}
	var err *apiError
	if c.key, err = t.keyOf(given, key == "Key"); err != nil {
		return nil, err
	}
	if err = l.mayItem(by, action, t, given); err != nil {
		return nil, err
	}
	if c.expressions, err = newExpressions(input); err != nil {
		return nil, err
	}
	c.before, c.there = t.items[c.key]
	if given, ok := input["ConditionExpression"].(string); ok {
		x := c.read("ConditionExpression", given)
		c.condition = x.condition()
		x.end()
		return c, x.problem
	}
	return c, nil
}

// mayItem checks the permissions: that of the action, which may depend on the partition key, and those on the table's KMS key.
func (l *Lab) mayItem(by caller, action string, t *table, given map[string]any) *apiError {
	_, leading := kindOf(given[t.keys[0]])
	context := map[string][]string{"dynamodb:LeadingKeys": {fmt.Sprint(leading)}}
	if err := l.authorize(by, "dynamodb:"+action, t.arn, context); err != nil {
		return err
	}
	return l.authorizeKey(by, t.kmsKey, "dynamodb", decrypts)
}

// keyOf is the key of an item, as a text, and what is wrong with it.
func (t *table) keyOf(given map[string]any, alone bool) (string, *apiError) {
	if alone && len(given) != len(t.keys) {
		return "", invalid("The provided key element does not match the schema")
	}
	if err := t.checkTypes(given); err != nil {
		return "", err
	}
	parts := make([]string, 0, len(t.keys))
	for _, name := range t.keys {
		value, ok := given[name]
		switch {
		case !ok && alone:
			return "", invalid("The provided key element does not match the schema")
		case !ok:
			return "", invalid("One or more parameter values were invalid: Missing the key %s in the item", name)
		}
		kind, held := kindOf(value)
		if held == "" {
			return "", invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s",
				map[string]string{"S": "string", "B": "binary"}[kind], name)
		}
		if number, err := decimal(held); kind == "N" && err == nil {
			held = number.RatString()
		}
		parts = append(parts, fmt.Sprintf("%s%q", kind, held))
	}
	return strings.Join(parts, " "), nil
}

// checkTypes checks the values of an item, and the types of those that are keys of the table or of an index.
func (t *table) checkTypes(given map[string]any) *apiError {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if err := checkValue(given[name]); err != nil {
			return err
		}
		if kind, _ := kindOf(given[name]); t.types[name] != "" && kind != t.types[name] {
			return invalid("One or more parameter values were invalid: Type mismatch for key %s expected: %s actual: %s", name, t.types[name], kind)
		}
	}
	return nil
}

// settle refuses placeholders that were not used, and then an item that does not fulfill the condition.
func (c *itemCall) settle() *apiError {
	if err := c.unused(); err != nil {
		return err
	}
	if c.condition != nil && !c.condition(c.before) {
		c.capacity(c.before.bytes(), false)
		return failed("ConditionalCheckFailedException", "The conditional request failed")
	}
	return nil
}

// returned is the answer of a call that may give the item as it was, or as it is.
func (c *itemCall) returned(values map[string]dynamoItem) (map[string]any, *apiError) {
	out := map[string]any{}
	wanted := text(c.input, "ReturnValues")
	item, ok := values[wanted]
	if !ok && wanted != "" && wanted != "NONE" {
		return nil, invalid("ReturnValues can only be NONE or one of [%s]", strings.Join(slices.Sorted(maps.Keys(values)), ", "))
	}
	if len(item) > 0 {
		out["Attributes"] = item.clone()
	}
	return out, nil
}

// capacity tells what a call used of the table's capacity: a unit for each KB that is written, or for each 4 KB that are read, half of one
// when the answer may be old. A write that its condition did not allow has used it too.
// Source: Amazon DynamoDB Developer Guide, "Read and write operations", read 2026-11.
func (c *itemCall) capacity(bytes int, reads bool) float64 {
	units, kind := max(1, math.Ceil(float64(bytes)/1024)), "WriteCapacityUsed"
	if reads {
		units, kind = max(1, math.Ceil(float64(bytes)/4096)), "ReadCapacityUsed"
		if c.input["ConsistentRead"] != true {
			units /= 2
		}
	}
	c.lab.tell("dynamodb", kind, c.table.id, map[string]any{"units": units})
	return units
}

// consumed adds what a call used of the table's capacity, if that was asked for.
func (c *itemCall) consumed(out map[string]any, bytes int, reads bool) map[string]any {
	units := c.capacity(bytes, reads)
	wanted := text(c.input, "ReturnConsumedCapacity")
	if wanted == "" || wanted == "NONE" {
		return out
	}
	capacity := map[string]any{"TableName": c.table.name, "CapacityUnits": units}
	if wanted == "INDEXES" {
		capacity["Table"] = map[string]any{"CapacityUnits": units}
	}
	out["ConsumedCapacity"] = capacity
	return out
}

// store keeps an item, or removes it, and shows it in the run's folder.
func (l *Lab) storeItem(c *itemCall, after dynamoItem) *apiError {
	t := c.table
	if after.bytes() > maxItem {
		return invalid("Item size has exceeded the maximum allowed size")
	}
	kind := "ItemPut"
	if after == nil {
		kind = "ItemDeleted"
		delete(t.items, c.key)
		t.order = slices.DeleteFunc(t.order, func(key string) bool { return key == c.key })
	} else {
		if !c.there {
			t.order = append(t.order, c.key)
		}
		t.items[c.key] = after
	}
	shown := after
	if after == nil {
		shown = c.before
	}
	l.tell("dynamodb", kind, t.id, map[string]any{"key": t.shownKey(shown), "item": map[string]any(after), "new": !c.there})
	items := []dynamoItem{}
	for _, key := range t.order {
		items = append(items, t.items[key])
	}
	l.keep("tables/"+t.id+".json", items)
	return nil
}

// shownKey is the key of an item as a person reads it.
func (t *table) shownKey(item dynamoItem) string {
	var parts []string
	for _, name := range t.keys {
		_, held := kindOf(item[name])
		text, ok := held.(string)
		if !ok {
			written, err := json.Marshal(held)
			if err == nil {
				text = string(written)
			}
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}
