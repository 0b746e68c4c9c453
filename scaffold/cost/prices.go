package cost

import (
	"bytes"
	_ "embed" // the prices
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
)

// DefaultRegion is the Region of an estimate that names none. Its prices are the most complete.
const DefaultRegion = "us-east-1"

// MaxPrices is more than any file of prices needs, in bytes; a larger one is not read.
const MaxPrices = 1 << 20

//go:embed prices.yaml
var shipped []byte

// Prices are the prices of Regions. They never change; Over makes new ones.
type Prices struct {
	regions map[string]map[Item]Price
	missing map[string]map[Item]string
}

// Price is what one item costs, and who says so.
type Price struct {
	Tiers  []Tier // the last has no end
	Per    Decimal
	Source string // URL of the AWS page, or of the Price List
	Read   string // the day on which the figure was taken, 2026-11-25
	Note   string // where it comes from when that is not the page, and what is not as plain about it
}

// Tier is a price up to a quantity of a month.
type Tier struct {
	UpTo Decimal // 0: no end
	USD  Decimal // for Per items
}

// Unit is the price of the first tier as its page writes it: "0.025 per 1,000".
func (p Price) Unit() string {
	unit := p.Tiers[0].USD.String()
	if p.Per.Cmp(Whole(1)) != 0 {
		unit += " per " + p.Per.Plain()
	}
	return unit
}

// Of is what a month's quantity costs.
func (p Price) Of(quantity Decimal) Decimal {
	var amount, from Decimal
	for _, tier := range p.Tiers {
		part := quantity.Sub(from)
		if tier.UpTo.Sign() != 0 {
			part = smaller(part, tier.UpTo.Sub(from))
		}
		if part.Sign() <= 0 {
			break
		}
		amount, from = amount.Add(part.Mul(tier.USD).Div(p.Per)), tier.UpTo
	}
	return amount
}

// Same says whether two prices ask for the same, whoever says so.
func (p Price) Same(other Price) bool {
	return p.Per.Cmp(other.Per) == 0 && slices.EqualFunc(p.Tiers, other.Tiers, func(one, other Tier) bool {
		return one.UpTo.Cmp(other.UpTo) == 0 && one.USD.Cmp(other.USD) == 0
	})
}

// one is the price of one item, in the first tier.
func (p Price) one() Decimal { return p.Tiers[0].USD.Div(p.Per) }

// Shipped are the prices of this version.
var Shipped = sync.OnceValue(func() *Prices {
	prices, err := ParsePrices("prices.yaml", shipped)
	if err != nil {
		panic(err) // a test reads them
	}
	return prices
})

// Regions lists the Regions that have any price, sorted.
func (p *Prices) Regions() []string { return slices.Sorted(maps.Keys(p.regions)) }

// In is the price of an item in a Region. Without one, the error says why it is missing.
func (p *Prices) In(region string, item Item) (Price, error) {
	if price, ok := p.regions[region][item]; ok {
		return price, nil
	}
	if why := p.missing[region][item]; why != "" {
		return Price{}, errors.New(why)
	}
	return Price{}, fmt.Errorf("no confirmed price in %s", region)
}

// Knows reports a Region without any price.
func (p *Prices) Knows(region string) error {
	if len(p.regions[region]) > 0 {
		return nil
	}
	return fmt.Errorf("region %q: got no prices of it, expected one of %s\n  hint: scaffold cost refresh --region %s writes them to a file, for --prices",
		region, strings.Join(p.Regions(), ", "), region)
}

// Over are these prices, and where other has a price that one instead.
func (p *Prices) Over(other *Prices) *Prices {
	all := &Prices{regions: map[string]map[Item]Price{}, missing: map[string]map[Item]string{}}
	for _, prices := range []*Prices{p, other} {
		for region, items := range prices.regions {
			if all.regions[region] == nil {
				all.regions[region] = map[Item]Price{}
			}
			maps.Copy(all.regions[region], items)
		}
		for region, items := range prices.missing {
			if all.missing[region] == nil {
				all.missing[region] = map[Item]string{}
			}
			maps.Copy(all.missing[region], items)
		}
	}
	return all
}

// pricesFile is the form of a file of prices.
type pricesFile struct {
	Version int                   `yaml:"version"`
	Regions map[string]regionFile `yaml:"regions"`
}

type regionFile struct {
	Prices  map[Item]priceFile `yaml:"prices"`
	Missing map[Item]string    `yaml:"missing,omitempty"`
}

type priceFile struct {
	USD    string     `yaml:"usd,omitempty"`
	Per    string     `yaml:"per,omitempty"`
	Tiers  []tierFile `yaml:"tiers,omitempty"`
	Source string     `yaml:"source"`
	Read   string     `yaml:"read"`
	Note   string     `yaml:"note,omitempty"`
}

type tierFile struct {
	UpTo string `yaml:"up_to,omitempty"`
	USD  string `yaml:"usd"`
}

// ParsePrices reads a file of prices; name names it in errors, which list every fault.
func ParsePrices(name string, data []byte) (*Prices, error) {
	var file pricesFile
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("it is empty")
		}
		return nil, fmt.Errorf("%s: %w\n  hint: scaffold cost refresh writes such a file", name, err)
	}
	prices := &Prices{regions: map[string]map[Item]Price{}, missing: map[string]map[Item]string{}}
	var faults []error
	if file.Version != 1 {
		faults = append(faults, fmt.Errorf("%s: version: got %d, expected 1", name, file.Version))
	}
	if len(file.Regions) == 0 {
		faults = append(faults, fmt.Errorf("%s: regions: got none, expected at least one", name))
	}
	for _, region := range slices.Sorted(maps.Keys(file.Regions)) {
		prices.regions[region], prices.missing[region] = map[Item]Price{}, file.Regions[region].Missing
		for _, item := range slices.Sorted(maps.Keys(file.Regions[region].Prices)) {
			price, err := file.Regions[region].Prices[item].price()
			if _, known := Units[item]; !known {
				err = errors.New("there is no such item")
			}
			if err != nil {
				faults = append(faults, fmt.Errorf("%s: regions.%s.prices.%s: %w", name, region, item, err))
			}
			prices.regions[region][item] = price
		}
		for item := range file.Regions[region].Missing {
			if _, known := Units[item]; !known {
				faults = append(faults, fmt.Errorf("%s: regions.%s.missing.%s: there is no such item", name, region, item))
			}
		}
	}
	return prices, errors.Join(faults...)
}

func (f priceFile) price() (Price, error) {
	price := Price{Per: Whole(1), Source: f.Source, Read: f.Read, Note: f.Note}
	if f.Per != "" {
		var err error
		if price.Per, err = ParseDecimal(f.Per); err != nil || price.Per.Sign() <= 0 {
			return price, fmt.Errorf("per: got %q, expected a number above 0", f.Per)
		}
	}
	if page, err := url.Parse(f.Source); err != nil || page.Scheme != "https" || page.Host == "" {
		return price, fmt.Errorf("source: got %q, expected the https address of the page that says so", f.Source)
	}
	if _, err := time.Parse(time.DateOnly, f.Read); err != nil {
		return price, fmt.Errorf("read: got %q, expected the day on which the price was read, such as 2026-11-25", f.Read)
	}
	tiers := f.Tiers
	if f.USD != "" {
		tiers = append([]tierFile{{USD: f.USD}}, tiers...)
	}
	if len(tiers) == 0 || f.USD != "" && len(tiers) > 1 {
		return price, errors.New("got neither usd nor tiers, or both, expected one of them")
	}
	for i, tier := range tiers {
		read, err := tier.read(i == len(tiers)-1)
		if err == nil && i > 0 && read.UpTo.Sign() > 0 && read.UpTo.Cmp(price.Tiers[i-1].UpTo) <= 0 {
			err = errors.New("up_to: expected more than that of the tier before")
		}
		if err != nil {
			return price, err
		}
		price.Tiers = append(price.Tiers, read)
	}
	return price, nil
}

func (f tierFile) read(last bool) (Tier, error) {
	var tier Tier
	var err error
	if tier.USD, err = ParseDecimal(f.USD); err != nil || tier.USD.Sign() < 0 {
		return tier, fmt.Errorf("usd: got %q, expected a price such as 0.025, in quotes", f.USD)
	}
	if f.UpTo == "" && last {
		return tier, nil
	}
	if tier.UpTo, err = ParseDecimal(f.UpTo); err != nil || tier.UpTo.Sign() <= 0 || last {
		return tier, fmt.Errorf("up_to: got %q, expected a quantity in every tier but the last", f.UpTo)
	}
	return tier, nil
}

// YAML is the file of these prices, as ParsePrices reads it.
func (p *Prices) YAML() ([]byte, error) {
	file := pricesFile{Version: 1, Regions: map[string]regionFile{}}
	for region, items := range p.regions {
		entry := regionFile{Prices: map[Item]priceFile{}, Missing: p.missing[region]}
		for item, price := range items {
			entry.Prices[item] = price.file()
		}
		file.Regions[region] = entry
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	err := encoder.Encode(&file)
	return out.Bytes(), errors.Join(err, encoder.Close())
}

func (p Price) file() priceFile {
	file := priceFile{Source: p.Source, Read: p.Read, Note: p.Note}
	if p.Per.Cmp(Whole(1)) != 0 {
		file.Per = p.Per.exactText()
	}
	if len(p.Tiers) == 1 {
		file.USD = p.Tiers[0].USD.exactText()
		return file
	}
	for _, tier := range p.Tiers {
		entry := tierFile{USD: tier.USD.exactText()}
		if tier.UpTo.Sign() != 0 {
			entry.UpTo = tier.UpTo.exactText()
		}
		file.Tiers = append(file.Tiers, entry)
	}
	return file
}

// Region are the prices of one Region, for a file.
func Region(region string, prices map[Item]Price, missing map[Item]string) *Prices {
	return &Prices{regions: map[string]map[Item]Price{region: prices}, missing: map[string]map[Item]string{region: missing}}
}
