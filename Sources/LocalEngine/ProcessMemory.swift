import CLinux

/// The memory of this process, in which secrets pass.
public enum ProcessMemory {
    /// Keeps it out of core dumps and of the reports of crashes, and from everybody but root. A crash ends the process at once.
    public static func keepPrivate() -> Bool { clinux_keep_memory_private() == 0 }
}
