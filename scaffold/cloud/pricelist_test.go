package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"example.com/pipewright/scaffold/cost"
)

var day = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

// recorded are products in the shape that "GetProducts" and "Reading the service price list file" document. They are written by hand, never
// fetched: their numbers prove that they are read, and nothing about AWS.
func recorded(t *testing.T) []json.RawMessage {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "products.json"))
	if err != nil {
		t.Fatal(err)
	}
	var products []json.RawMessage
	if err := json.Unmarshal(text, &products); err != nil {
		t.Fatal(err)
	}
	return products
}

// request is what GetProducts is asked.
type request struct {
	ServiceCode string
	NextToken   string
	Filters     []struct{ Type, Field, Value string }
}

func (r request) filter(field string) string {
	for _, f := range r.Filters {
		if f.Field == field {
			return f.Value
		}
	}
	return ""
}

// list is a Price List on this machine.
type list struct {
	mutex    sync.Mutex
	requests []request
	products []json.RawMessage
	pageSize int
	respond  func(n int, w http.ResponseWriter) bool // false: answer as usual; n counts requests from 1
}

func (l *list) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	var asked request
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	l.requests = append(l.requests, asked)
	if l.respond != nil && l.respond(len(l.requests), w) {
		return
	}
	var matched []string
	for _, text := range l.products {
		var p struct {
			ServiceCode string `json:"serviceCode"`
			product
		}
		if err := json.Unmarshal(text, &p); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		attributes := p.Product.Attributes
		if p.ServiceCode == asked.ServiceCode && attributes["regionCode"] == asked.filter("regionCode") && strings.Contains(attributes["usagetype"], asked.filter("usagetype")) {
			matched = append(matched, string(text))
		}
	}
	answer := map[string]any{"FormatVersion": "aws_v1"}
	from := len(asked.NextToken) // a token as long as what was answered
	to := len(matched)
	if l.pageSize > 0 && from+l.pageSize < to {
		to = from + l.pageSize
		answer["NextToken"] = strings.Repeat("x", to)
	}
	answer["PriceList"] = matched[min(from, to):to]
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(answer)
}

// start lets the SDK find the list, credentials of nobody, and nothing else.
func (l *list) start(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	alone(t)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
}

// alone keeps the SDK from what this machine has of AWS, and from everything that is not on it.
func alone(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_WEB_IDENTITY_TOKEN_FILE",
	} {
		t.Setenv(name, "")
	}
	none := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", none)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", none)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	dial := http.DefaultTransport.(*http.Transport).DialContext
	loopback := func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, _ := net.SplitHostPort(address)
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
			t.Errorf("something was to be fetched from %s", address)
			return nil, errors.New("only this machine")
		}
		return dial(ctx, network, address)
	}
	httpClient = awshttp.NewBuildableClient().WithTransportOptions(func(transport *http.Transport) { transport.DialContext = loopback })
	t.Cleanup(func() { httpClient = nil })
}

func (l *list) read(t *testing.T, region string) (*cost.Prices, error) {
	t.Helper()
	return PriceList(t.Context(), ListOptions{Region: region, Day: day, MaxDelay: time.Millisecond})
}

func TestPricesAreThoseOfTheList(t *testing.T) {
	for _, size := range []int{0, 1} { // pages of any size
		t.Run(fmt.Sprintf("pages of %d", size), func(t *testing.T) {
			l := &list{products: recorded(t), pageSize: size}
			l.start(t)
			prices, err := l.read(t, "us-east-1")
			if err != nil {
				t.Fatal(err)
			}
			for item, want := range map[cost.Item]string{
				cost.StateTransition: "0.000025", cost.GlueDPUHour: "0.44", cost.ShellDPUHour: "0.44", cost.FlexDPUHour: "0.29",
				cost.MWAASmall: "0.49", cost.EMRX86VCPUHour: "0.052624", cost.NATHour: "0.045", cost.Key: "1",
				cost.LambdaRequest: "0.0000002", // after what the list has for nothing
				cost.ExpressGBHour: "0.060012",  // the list has seconds
			} {
				if price, err := prices.In("us-east-1", item); err != nil || price.Unit() != want {
					t.Errorf("%s: got %v %v, expected %s", item, price, err, want)
				} else if price.Read != "2026-11-25" || !strings.Contains(price.Source, "/us-east-1/") {
					t.Errorf("%s: got the source %s, read %s", item, price.Source, price.Read)
				}
			}
			express, _ := prices.In("us-east-1", cost.ExpressGBHour)
			if len(express.Tiers) != 3 || !express.Tiers[0].UpTo.Equal(cost.Whole(1000)) || !express.Tiers[1].UpTo.Equal(cost.Whole(5000)) {
				t.Errorf("got the tiers %v, expected three, up to 1,000 and 5,000 GB-hours", express.Tiers)
			}
		})
	}
}

func TestWhatTheListHasNotIsNamed(t *testing.T) {
	l := &list{products: recorded(t)}
	l.start(t)
	prices, err := l.read(t, "eu-central-1")
	if err != nil {
		t.Fatal(err)
	}
	if price, failed := prices.In("eu-central-1", cost.GlueDPUHour); failed != nil || price.Unit() != "0.44" {
		t.Errorf("got %v %v", price, failed)
	}
	for item, want := range map[cost.Item]string{
		cost.MWAASmall:      "the Price List has no price of AmazonMWAA Airflow-SmallEnvironment in this Region",
		cost.NATHour:        "the Price List has 2 different prices of AmazonEC2 NatGateway-Hours",
		cost.ScheduledStart: "the name that the Price List has for it is not confirmed",
	} {
		if _, why := prices.In("eu-central-1", item); why == nil || !strings.Contains(why.Error(), want) {
			t.Errorf("%s: got %v, expected %q", item, why, want)
		}
	}
	text, err := prices.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cost.ParsePrices("written", text); err != nil {
		t.Errorf("what refresh writes, cost does not read: %v", err)
	}
}

func TestOnlyTheRegionsOwnUsageTypesAreTaken(t *testing.T) {
	for usage, want := range map[string]bool{
		"ETL-DPU-Hour": true, "USE1-ETL-DPU-Hour": true, "EUC1-ETL-DPU-Hour": true, "EU-ETL-DPU-Hour": true, "us-east-1-ETL-DPU-Hour": true,
		"USE1-ETL-DPU-Hour-Gen2": false, "USE1-MemOptimized-ETL-DPU-Hour": false, "xETL-DPU-Hour": false,
	} {
		var p product
		p.Product.Attributes = map[string]string{"usagetype": usage}
		if got := p.isOf("ETL-DPU-Hour", "us-east-1"); got != want {
			t.Errorf("%s: got %t", usage, got)
		}
	}
}

func throttle(w http.ResponseWriter) bool {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write([]byte(`{"__type": "ThrottlingException", "message": "Rate exceeded"}`))
	return true
}

func TestAThrottledRequestIsTriedAgainButNotForever(t *testing.T) {
	l := &list{products: recorded(t), respond: func(n int, w http.ResponseWriter) bool { return n <= 2 && throttle(w) }}
	l.start(t)
	if _, err := l.read(t, "us-east-1"); err != nil {
		t.Errorf("two throttled attempts: %v", err)
	}
	l = &list{respond: func(_ int, w http.ResponseWriter) bool { return throttle(w) }}
	l.start(t)
	_, err := l.read(t, "us-east-1")
	if err == nil || !strings.Contains(err.Error(), "AWS throttled 5 attempts; nothing was written") || len(l.requests) != attempts {
		t.Errorf("got %v after %d requests, expected %d", err, len(l.requests), attempts)
	}
}

func TestFaultyAnswersAreErrors(t *testing.T) {
	answer := func(status int, body string) func(int, http.ResponseWriter) bool {
		return func(_ int, w http.ResponseWriter) bool {
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
			return true
		}
	}
	for _, test := range []struct {
		name    string
		respond func(int, http.ResponseWriter) bool
		want    string
	}{
		{"an answer that ends early", answer(200, `{"FormatVersion": "aws_v1", "PriceList": ["{\"prod`), "the answer ended early; nothing was written"},
		{"a product that ends early", answer(200, `{"FormatVersion": "aws_v1", "PriceList": ["{\"product\": {"]}`), "a product of AmazonCloudWatch is no complete JSON"},
		{"no permission", answer(400, `{"__type": "AccessDeniedException", "message": "not authorized to perform: pricing:GetProducts"}`), "the credentials need pricing:GetProducts"},
		{"an error of the service", answer(500, `{"__type": "InternalErrorException", "message": "again"}`), "nothing was written; try again"},
		{"pages without end", answer(200, `{"FormatVersion": "aws_v1", "PriceList": [], "NextToken": "more"}`), "got more than 50 pages"},
		{"a Region that is none", answer(200, `{"FormatVersion": "aws_v1", "PriceList": []}`), `the Price List has nothing for the Region "us-east-1"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := &list{respond: test.respond}
			l.start(t)
			prices, err := l.read(t, "us-east-1")
			if prices != nil || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, expected %q", err, test.want)
			}
		})
	}
}

// A price that cannot be read is missing, and all others are there.
func TestAPriceThatIsNoneIsMissing(t *testing.T) {
	for _, test := range []struct{ name, dimension, want string }{
		{"no USD", `{"beginRange": "0", "endRange": "Inf", "pricePerUnit": {"CNY": "3"}}`, "it has no price in USD"},
		{"no number", `{"beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": "free"}}`, `pricePerUnit: got "free"`},
		{"no range", `{"pricePerUnit": {"USD": "1"}}`, `beginRange: got ""`},
	} {
		t.Run(test.name, func(t *testing.T) {
			products := slices.DeleteFunc(recorded(t), func(p json.RawMessage) bool { return strings.Contains(string(p), "Crawler-DPU-Hour") })
			l := &list{products: append(products, json.RawMessage(`{"serviceCode": "AWSGlue", "product": {"sku": "X", "attributes": {"usagetype": "USE1-Crawler-DPU-Hour", "regionCode": "us-east-1"}},
				"terms": {"OnDemand": {"X.1": {"priceDimensions": {"X.1.1": `+test.dimension+`}}}}}`))}
			l.start(t)
			prices, err := l.read(t, "us-east-1")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := prices.In("us-east-1", cost.CrawlerDPUHour); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, expected %q", err, test.want)
			}
			if _, err := prices.In("us-east-1", cost.GlueDPUHour); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWithoutCredentialsNothingIsAsked(t *testing.T) {
	alone(t)
	_, err := PriceList(t.Context(), ListOptions{Region: "us-east-1", Day: day})
	if err == nil || !strings.Contains(err.Error(), "the Price List answers only with AWS credentials, and there are none") || !strings.Contains(err.Error(), "hint: aws configure") {
		t.Errorf("got %v", err)
	}
}

func TestACanceledRefreshEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l := &list{respond: func(int, http.ResponseWriter) bool { cancel(); return false }}
	l.start(t)
	if _, err := PriceList(ctx, ListOptions{Region: "us-east-1", Day: day}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
