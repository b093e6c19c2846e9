internal import CKernels

/// The C kernels for the selected instruction set, looked up once.
enum KernelTables {
    // SAFETY: each function returns a constant with static lifetime, or NULL; `table` checks.

    /// Distances between vectors.
    static let vector = unsafe table(ragd_vector_kernels_for)

    /// Inner products of eight-bit codes.
    static let byteCodes = unsafe table(ragd_bytecode_kernels_for)

    /// Late interaction against sign codes.
    static let codes = unsafe table(ragd_code_kernels_for)

    /// Sweeps over rows.
    static let rows = unsafe table(ragd_row_kernels_for)

    private static func table<Table>(_ find: (ragd_isa) -> UnsafePointer<Table>?) -> Table {
        guard let table = unsafe find(ragd_isa_selected()) else {
            preconditionFailure("no kernels for the supported set \(CPU.instructionSet)")
        }
        // SAFETY: tables are constants of the C target; copying one copies function pointers.
        return unsafe table.pointee
    }
}
