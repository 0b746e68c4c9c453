// Package sampledata embeds the weather data that tests and labs use: weather/year=YYYY/month=MM/weather.csv and bad/*.csv.
//
// README.md beside it says where the data comes from. It deploys nothing.
package sampledata

import "embed"

// Files holds the folders weather and bad.
//
//go:embed weather bad
var Files embed.FS
