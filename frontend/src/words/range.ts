// A number that must be whole and within bounds. Out of range is said, never
// changed in silence: what is shown is what is booked.
export interface Range { min: number; max: number }
export const fits = (n: number, { min, max }: Range) => Number.isInteger(n) && n >= min && n <= max

// The bounds of the program, see maxPoints, maxPieces (app/shop/record.go),
// maxPlaces (app/activity/record.go), a day's minutes, and settings.go.
export const RANGES = {
  offerPoints: { min: 1, max: 1_000_000 },
  pieces: { min: 0, max: 1_000_000 },
  received: { min: 1, max: 1_000_000 },
  places: { min: 1, max: 10_000 },
  minutes: { min: 1, max: 1440 },
  unitFen: { min: 0, max: 100_000 },
} as const
