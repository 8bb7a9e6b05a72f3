// Jishan 积善 keeps a community's volunteers, activities, points and redemptions
// on the devices of the people who use them. Everything starts in app/boot.
package main

import (
	"os"

	"jishan/app/boot"
)

func main() { os.Exit(boot.Main(os.Args[1:])) }
