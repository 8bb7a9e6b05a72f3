import { speak } from './index'

// periodWords says which points are meant: 2026 is a year's, 2026q3 a quarter's.
export function periodWords(period: string): string {
  const [year, n] = period.split('q')
  return n ? speak('year.inQuarter', { year, n }) : speak('year.inYear', { year })
}
