// Package cloud talks to AWS. It is the only package of scaffold that does, and the only one that imports the AWS SDK.
//
// So far it reads the public price list: nothing in the account, and it changes nothing. It needs credentials with pricing:GetProducts.
// Source: AWS Billing and Cost Management User Guide, "Using the AWS Price List Query API", read 2026-11.
package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/pricing/types"
	"github.com/aws/smithy-go"

	"example.com/pipewright/scaffold/cost"
)

// apiRegion is where the price list answers, whichever Region's prices are asked for.
const apiRegion = "us-east-1"

// Bounds of a refresh.
const (
	attempts  = 5   // of one request, the first one included
	pageSize  = 100 // the most that GetProducts answers at once
	mostPages = 50  // of one answer; a filter that matches more is wrong
)

// ListOptions say which prices to read.
type ListOptions struct {
	Region   string
	Day      time.Time     // stands with each price as the day on which it was read
	MaxDelay time.Duration // between two attempts; default 20 s
	Progress func(line string)
}

// PriceList reads the prices of a Region. It returns all that the list has of what a bill can name, and names the rest as missing; a request
// that fails is an error, and then there are no prices.
func PriceList(ctx context.Context, options ListOptions) (*cost.Prices, error) {
	client, err := newClient(ctx, options)
	if err != nil {
		return nil, err
	}
	prices, missing := map[cost.Item]cost.Price{}, map[cost.Item]string{}
	for _, item := range slices.Sorted(maps.Keys(cost.Units)) {
		listed, ok := listings[item]
		if !ok {
			missing[item] = "not read: the name that the Price List has for it is not confirmed"
			continue
		}
		if options.Progress != nil {
			options.Progress(fmt.Sprintf("%s %s", options.Region, item))
		}
		found, err := products(ctx, client, listed, options.Region)
		if err != nil {
			return nil, explain(item, err)
		}
		price, err := listed.price(found)
		if err != nil {
			missing[item] = err.Error()
			continue
		}
		price.Read = options.Day.Format(time.DateOnly)
		price.Source = fmt.Sprintf("https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/%s/current/%s/index.json", listed.service, options.Region)
		prices[item] = price
	}
	if len(prices) == 0 {
		return nil, fmt.Errorf("the Price List has nothing for the Region %q\n  hint: name it as AWS does, for example eu-central-1", options.Region)
	}
	return cost.Region(options.Region, prices, missing), nil
}

// httpClient is the client of requests; nil for that of the SDK. Tests refuse what is not on this machine.
var httpClient config.HTTPClient

func newClient(ctx context.Context, options ListOptions) (*pricing.Client, error) {
	const longest = 20 * time.Second
	delay := options.MaxDelay
	if delay == 0 {
		delay = longest
	}
	loaded, err := config.LoadDefaultConfig(ctx, config.WithRegion(apiRegion), withHTTPClient, config.WithRetryer(func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = attempts, delay })
	}))
	if err != nil {
		return nil, fmt.Errorf("read the AWS configuration: %w", err)
	}
	if _, err := loaded.Credentials.Retrieve(ctx); err != nil {
		return nil, fmt.Errorf("the Price List answers only with AWS credentials, and there are none: %w\n  hint: aws configure, or AWS_PROFILE; they need pricing:GetProducts alone", err)
	}
	return pricing.NewFromConfig(loaded), nil
}

func withHTTPClient(o *config.LoadOptions) error {
	o.HTTPClient = httpClient
	return nil
}

// explain says which price could not be read, and why.
func explain(item cost.Item, err error) error {
	hint := "nothing was written; try again"
	var api smithy.APIError
	switch {
	case errors.As(err, &api) && strings.Contains(api.ErrorCode(), "Throttl"):
		hint = fmt.Sprintf("AWS throttled %d attempts; nothing was written; try again in a minute", attempts)
	case errors.As(err, &api) && strings.Contains(api.ErrorCode(), "AccessDenied"):
		hint = "nothing was written; the credentials need pricing:GetProducts"
	case errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "unexpected end of JSON input"): // as the SDK and encoding/json say it
		hint = "the answer ended early; nothing was written; try again"
	}
	return fmt.Errorf("read the price of %s: %w\n  hint: %s", item, err, hint)
}

// products are those of a service and a Region whose usage type holds that of the listing, all pages of them.
func products(ctx context.Context, client pricing.GetProductsAPIClient, listed listing, region string) ([]product, error) {
	filter := func(kind types.FilterType, field, value string) types.Filter {
		return types.Filter{Type: kind, Field: &field, Value: &value}
	}
	pages := pricing.NewGetProductsPaginator(client, &pricing.GetProductsInput{
		ServiceCode: &listed.service, FormatVersion: aws.String("aws_v1"), MaxResults: aws.Int32(pageSize),
		Filters: []types.Filter{
			filter(types.FilterTypeTermMatch, "regionCode", region),
			filter(types.FilterTypeContains, "usagetype", listed.usage),
		},
	})
	var found []product
	for n := 0; pages.HasMorePages(); n++ {
		if n == mostPages {
			return nil, fmt.Errorf("got more than %d pages of %s, expected a few", mostPages, listed.service)
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, text := range page.PriceList {
			var p product
			if err := json.Unmarshal([]byte(text), &p); err != nil {
				return nil, fmt.Errorf("a product of %s is no complete JSON: %w", listed.service, err)
			}
			if p.isOf(listed.usage, region) {
				found = append(found, p)
			}
		}
	}
	return found, nil
}

// product is one product of the list, as far as it is read.
// Source: AWS Billing and Cost Management User Guide, "Reading the service price list file", read 2026-11.
type product struct {
	Product struct {
		SKU        string            `json:"sku"`
		Attributes map[string]string `json:"attributes"`
	} `json:"product"`
	Terms struct {
		OnDemand map[string]struct {
			PriceDimensions map[string]dimension `json:"priceDimensions"`
		} `json:"OnDemand"`
	} `json:"terms"`
}

// dimension is a price up to a quantity of a month.
type dimension struct {
	BeginRange   string            `json:"beginRange"`
	EndRange     string            `json:"endRange"`
	PricePerUnit map[string]string `json:"pricePerUnit"`
}

// prefix is what a usage type begins with outside us-east-1, and there for some: EUC1-, APS1-.
var prefix = regexp.MustCompile(`^[A-Z]{2,4}[0-9]?-$`)

func (p product) isOf(usage, region string) bool {
	before, found := strings.CutSuffix(p.Product.Attributes["usagetype"], usage)
	return found && (before == "" || before == region+"-" || prefix.MatchString(before))
}
