import COpenBLAS

/// The system library that multiplies matrices, for diagnosis.
public enum MatrixLibrary {
    /// Its name, version and the processor that it takes this one for.
    public static var version: String {
        // SAFETY: the function returns a static, NUL-terminated string.
        unsafe String(cString: openblas_get_config())
    }
}
