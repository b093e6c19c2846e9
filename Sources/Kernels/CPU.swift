internal import CKernels

/// The instruction set that the kernels of this process run on.
public enum CPU {
    /// Its name: "scalar", "avx2", "avx512", "avx512bf16" or "neon".
    ///
    /// The environment variable `RAGD_CPU` with one of these words picks another supported set at
    /// start.
    public static var instructionSet: String {
        // SAFETY: the function returns a static, NUL-terminated string for every value.
        unsafe String(cString: ragd_isa_name(ragd_isa_selected()))
    }

    /// Tells the CPU that this thread spins on a value that another is about to write.
    @inline(__always)
    public static func relax() { ragd_cpu_relax() }

    /// Lets another thread run, when spinning has taken too long.
    public static func yield() { ragd_cpu_yield() }
}
