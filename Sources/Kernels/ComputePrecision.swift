internal import CKernels

/// The numbers in which an encoder multiplies; sums are always single precision or exact.
public enum ComputePrecision: String, Sendable, Hashable, CaseIterable {
    /// Single precision, as models are published.
    case f32
    /// Eight bits of mantissa: half the memory.
    case bf16
    /// Weights in 8 bits with a scale for each output, rows in 8 bits with a range for each token, or
    /// by blocks of either (`EncoderKernels.init`): a quarter of the memory. Attention is in bf16.
    case int8

    /// Whether the selected instruction set has an instruction for it; the others are computed by
    /// taking words apart, for the memory they save, at the speed of f32.
    public var isNative: Bool {
        EncoderKernels(self).isNative
    }

    /// Bytes of a weight.
    public var weightByteCount: Int {
        switch self {
        case .f32: 4
        case .bf16: 2
        case .int8: 1
        }
    }

    /// The name that the kernels know it by.
    var word: ragd_precision {
        switch self {
        case .f32: RAGD_F32
        case .bf16: RAGD_BF16
        case .int8: RAGD_INT8
        }
    }
}
