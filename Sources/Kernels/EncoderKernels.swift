internal import CKernels

/// The table of C kernels that this process uses for encoders.
enum EncoderKernels {
    static let selected: ragd_encoder_kernels = table(ragd_isa_selected())

    private static func table(_ set: ragd_isa) -> ragd_encoder_kernels {
        // SAFETY: the pointer, when there is one, is to a constant with static lifetime.
        guard let table = unsafe ragd_encoder_kernels_for(set) else {
            preconditionFailure("no encoder kernels for the selected instruction set")
        }
        // SAFETY: as above; the copy holds functions that keep no state.
        return unsafe table.pointee
    }
}
