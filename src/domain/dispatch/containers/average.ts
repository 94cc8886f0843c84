/** Weight of the newest value in the moving average of service times. */
const WEIGHT = 0.1;

/** @param average 0 while there was no value yet */
export function movingAverage(average: number, value: number): number {
  return average === 0 ? value : average + WEIGHT * (value - average);
}
