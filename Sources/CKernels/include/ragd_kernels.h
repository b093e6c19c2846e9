/* The whole C surface of ragd's SIMD kernels: one header a family. */
#ifndef RAGD_KERNELS_H
#define RAGD_KERNELS_H

#include "ragd_bytecodes.h"
#include "ragd_bytes.h"
#include "ragd_codes.h"
#include "ragd_cpu.h"
#include "ragd_encoder.h"
#include "ragd_vector.h"

#endif
