package lab

import "maps"

// ofWrites are the parameters of what may depend on the item that is there.
var ofWrites = []string{"ConditionExpression", "ExpressionAttributeValues", "ReturnValues", "ReturnValuesOnConditionCheckFailure"}

// putItem is PutItem. Source: Amazon DynamoDB API Reference, PutItem, read 2026-11.
func (l *Lab) putItem(by caller, input map[string]any) (map[string]any, *apiError) {
	c, err := l.itemCall(by, "PutItem", input, "Item", ofWrites...)
	if err != nil {
		return nil, err
	}
	out, err := c.returned(map[string]dynamoItem{"ALL_OLD": c.before})
	if err != nil {
		return nil, err
	}
	if err = c.settle(); err != nil {
		return nil, err
	}
	given, _ := input["Item"].(map[string]any)
	item := dynamoItem(given).clone()
	if err := l.storeItem(c, item); err != nil {
		return nil, err
	}
	return c.consumed(out, max(item.bytes(), c.before.bytes()), false), nil
}

// getItem is GetItem. In the lab each read is consistent: what was written is there.
// Source: Amazon DynamoDB API Reference, GetItem, read 2026-11.
func (l *Lab) getItem(by caller, input map[string]any) (map[string]any, *apiError) {
	c, err := l.itemCall(by, "GetItem", input, "Key", "ConsistentRead", "ProjectionExpression")
	if err != nil {
		return nil, err
	}
	item := c.before
	if given, ok := input["ProjectionExpression"].(string); ok {
		x := c.read("ProjectionExpression", given)
		paths := []attributePath{x.path()}
		for x.take(",") {
			paths = append(paths, x.path())
		}
		x.end()
		if x.problem != nil {
			return nil, x.problem
		}
		item = projected(item, paths)
	}
	if err := c.unused(); err != nil {
		return nil, err
	}
	out := map[string]any{}
	if c.there {
		out["Item"] = item.clone()
	}
	return c.consumed(out, c.before.bytes(), true), nil
}

// updateItem is UpdateItem: it makes the item when there is none. Source: Amazon DynamoDB API Reference, UpdateItem, read 2026-11.
func (l *Lab) updateItem(by caller, input map[string]any) (map[string]any, *apiError) {
	c, err := l.itemCall(by, "UpdateItem", input, "Key", append([]string{"UpdateExpression"}, ofWrites...)...)
	if err != nil {
		return nil, err
	}
	x := c.read("UpdateExpression", text(input, "UpdateExpression"))
	u := x.updates()
	if x.problem != nil {
		return nil, x.problem
	}
	for _, p := range u.paths {
		for _, name := range c.table.keys {
			if p[0] == name {
				return nil, invalid("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", name)
			}
		}
	}
	if err = c.settle(); err != nil {
		return nil, err
	}
	key, _ := input["Key"].(map[string]any)
	after := c.before.clone()
	maps.Copy(after, dynamoItem(key).clone())
	if err = u.run(c.before, after); err != nil {
		return nil, err
	}
	after = after.clone() // values of the request are in it
	if err = c.table.checkTypes(after); err != nil {
		return nil, err
	}
	out, err := c.returned(map[string]dynamoItem{
		"ALL_OLD": c.before, "UPDATED_OLD": projected(c.before, u.paths), "ALL_NEW": after, "UPDATED_NEW": projected(after, u.paths),
	})
	if err != nil {
		return nil, err
	}
	if err := l.storeItem(c, after); err != nil {
		return nil, err
	}
	return c.consumed(out, max(after.bytes(), c.before.bytes()), false), nil
}

// deleteItem is DeleteItem. Source: Amazon DynamoDB API Reference, DeleteItem, read 2026-11.
func (l *Lab) deleteItem(by caller, input map[string]any) (map[string]any, *apiError) {
	c, err := l.itemCall(by, "DeleteItem", input, "Key", ofWrites...)
	if err != nil {
		return nil, err
	}
	out, err := c.returned(map[string]dynamoItem{"ALL_OLD": c.before})
	if err != nil {
		return nil, err
	}
	if err = c.settle(); err != nil {
		return nil, err
	}
	if c.there {
		if err := l.storeItem(c, nil); err != nil {
			return nil, err
		}
	}
	return c.consumed(out, c.before.bytes(), false), nil
}
