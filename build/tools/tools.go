// Package tools is a module of its own, so that what only checks the code
// never appears among what the product is made of.
package tools
