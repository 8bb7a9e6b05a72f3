export default {
  open: 'Price labels', title: 'Print price labels', text: 'One for each, to be cut out and put on the shelf. The till\'s scanner reads the code; after a change of price print another.', sizeOf: 'Size', size: { large: 'Large, {n} a page', small: 'Small, {n} a page' }, all: 'All {n}', print: 'Print labels: {n}, pages: {pages}', per: 'points / {unit}', points: 'points', scan: 'for the till\'s scanner',
}
