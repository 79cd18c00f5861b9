// Made by cpp/tools/fit_math.py; change that, not this. Series are least power first.
// clang-format off
#pragma once

namespace stepcurve::coefficients {

// ln 2 as 33 bits, whose products with an exponent are exact, and the rest as two doubles.
inline constexpr double ln2_top = 0x1.62e42fef00000p-1;
inline constexpr double ln2_rest[2] = {0x1.473de6af278edp-34, -0x1.9ff0342542fc3p-90};
inline constexpr double log2_e[2] = {0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56};
inline constexpr double pi[2] = {0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};
inline constexpr double half_pi[2] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};

// atanh(s) / s in s^2, s^2 <= 0.0295
inline constexpr double log_head[10][2] = {
    {0x1.0000000000000p+0, 0x0.0p+0},
    {0x1.5555555555555p-2, 0x1.5555555555555p-56},
    {0x1.999999999999ap-3, -0x1.999999999999ap-57},
    {0x1.2492492492492p-3, 0x1.2492492492492p-57},
    {0x1.c71c71c71c71cp-4, 0x1.c71c71c71c71cp-58},
    {0x1.745d1745d1746p-4, -0x1.745d1745d1746p-59},
    {0x1.3b13b13b13b14p-4, -0x1.3b13b13b13b14p-58},
    {0x1.1111111111111p-4, 0x1.1111111111111p-60},
    {0x1.e1e1e1e1e1e1ep-5, 0x1.e1e1e1e1e1e1ep-61},
    {0x1.af286bca1af28p-5, 0x1.af286bca1af28p-59}};
inline constexpr double log_tail[10] = {
    0x1.8618618618618p-5,
    0x1.642c8590b2164p-5,
    0x1.47ae147ae147bp-5,
    0x1.2f684bda12f68p-5,
    0x1.1a7b9611a7b96p-5,
    0x1.0842108421084p-5,
    0x1.f07c1f07c1f08p-6,
    0x1.d41d41d41d41dp-6,
    0x1.bacf914c1bad0p-6,
    0x1.a41a41a41a41ap-6};

// (exp(x) - 1) / x, |x| <= 0.0434
inline constexpr double exp_head[7][2] = {
    {0x1.0000000000000p+0, 0x0.0p+0},
    {0x1.0000000000000p-1, 0x0.0p+0},
    {0x1.5555555555555p-3, 0x1.5555555555555p-57},
    {0x1.5555555555555p-5, 0x1.5555555555555p-59},
    {0x1.1111111111111p-7, 0x1.1111111111111p-63},
    {0x1.6c16c16c16c17p-10, -0x1.f49f49f49f49fp-65},
    {0x1.a01a01a01a01ap-13, 0x1.a01a01a01a01ap-73}};
inline constexpr double exp_tail[7] = {
    0x1.a01a01a01a01ap-16,
    0x1.71de3a556c734p-19,
    0x1.27e4fb7789f5cp-22,
    0x1.ae64567f544e4p-26,
    0x1.1eed8eff8d898p-29,
    0x1.6124613a86d09p-33,
    0x1.93974a8c07c9dp-37};

// sin(x)^2 / x^2 in x^2, x <= pi / 4
inline constexpr double sine_squared_head[10][2] = {
    {0x1.0000000000000p+0, 0x0.0p+0},
    {-0x1.5555555555555p-2, -0x1.5555555555555p-56},
    {0x1.6c16c16c16c17p-5, -0x1.f49f49f49f49fp-60},
    {-0x1.a01a01a01a01ap-9, -0x1.a01a01a01a01ap-69},
    {0x1.27e4fb7789f5cp-13, 0x1.cbbc05b4fa99ap-67},
    {-0x1.1eed8eff8d898p-18, 0x1.2aec959e14c06p-72},
    {0x1.93974a8c07c9dp-24, 0x1.05d6f8a2efd1fp-79},
    {-0x1.ae7f3e733b81fp-30, -0x1.1d8656b0ee8cbp-86},
    {0x1.6827863b97d97p-36, 0x1.eec01221a8b0bp-90},
    {-0x1.e542ba4020225p-43, -0x1.ea72b4afe3c2fp-101}};
inline constexpr double sine_squared_tail[7] = {
    0x1.0ce396db7f853p-49,
    -0x1.f2cf01972f578p-57,
    0x1.88e85fc6a4e5ap-64,
    -0x1.0a18a2635085dp-71,
    0x1.3932c5047d60ep-79,
    -0x1.434d2e783f5bcp-87,
    0x1.2710231c0fd7ap-95};

// (sin(x)^2 - x^2) / x^4 in z = x^2, z <= (pi / 4)^2; absolute error 1.3e-19.
inline constexpr double sine_squared_fast[8] = {
    -0x1.5555555555555p-2,
    0x1.6c16c16c16c13p-5,
    -0x1.a01a01a019783p-9,
    0x1.27e4fb771a86dp-13,
    -0x1.1eed8ea6c7954p-18,
    0x1.9396fdb46f278p-24,
    -0x1.ae5a5d377edf7p-30,
    0x1.5eeafc14774f9p-36};

// (sin(2 x) - 2 x) / x^3 in z = x^2, z <= (pi / 4)^2; absolute error 2.7e-18.
inline constexpr double sine_double_fast[8] = {
    -0x1.5555555555555p+0,
    0x1.1111111111107p-2,
    -0x1.a01a01a018aadp-6,
    0x1.71de3a5456716p-10,
    -0x1.ae6455a1d7087p-15,
    0x1.6124015b5ee3ap-20,
    -0x1.ae5138c1216b3p-26,
    0x1.89a4866f527ebp-32};

// (2^x - 1) / x, |x| <= 1/2; absolute error 1.7e-19.
inline constexpr double exp2_fast[12] = {
    0x1.62e42fefa39efp-1,
    0x1.ebfbdff82c58fp-3,
    0x1.c6b08d704a0c6p-5,
    0x1.3b2ab6fba4e79p-7,
    0x1.5d87fe78a3f9cp-10,
    0x1.430912f86b7dbp-13,
    0x1.ffcbfc6da6ed1p-17,
    0x1.62c02242b879cp-20,
    0x1.b524ebd13a55fp-24,
    0x1.e4cf10dec0f59p-28,
    0x1.e9ec1fcb69a7fp-32,
    0x1.c4a29324a1038p-36};

}  // namespace stepcurve::coefficients
