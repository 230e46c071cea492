/// The natural logarithm, from additions, multiplications and divisions only: IEEE 754 fixes their results to the last bit, so every
/// machine comes to the same verdict. The C library's `log` is free to differ from one machine to the next.
///
/// To within 4 units of the last place. -∞ at 0, NaN below it.
func naturalLogarithm(_ number: Double) -> Double {
    guard number > 0, number < .infinity else { return number == 0 ? -.infinity : number > 0 ? .infinity : .nan }
    var significand = number.significand
    var exponent = Double(number.exponent)
    if significand > 1.4142135623730951 {
        significand /= 2
        exponent += 1
    }
    // ln x = 2 artanh z, with |z| ≤ 0.172: the series to z²³ is exact to 10⁻¹⁷.
    let z = (significand - 1) / (significand + 1)
    let square = z * z
    var sum = 0.0
    var divisor = 23.0
    while divisor > 0 {
        sum = sum * square + 1 / divisor
        divisor -= 2
    }
    return exponent * 0.6931471805599453 + 2 * z * sum
}
