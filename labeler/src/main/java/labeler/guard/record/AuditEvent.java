package labeler.guard.record;

/** The kind of an entry. Its word in JSON is its name in lower case with hyphens. */
public enum AuditEvent {
    /** A command of a monitor's client was decided; {@link Outcome} tells how. */
    COMMAND,
    /** Files of a VM are labelled or passed, and its process may run. */
    VM_STARTED,
    /** A start was asked for and refused. */
    START_REFUSED,
    /** A client asked for the end of a VM, and its labels were given back. {@link #VM_STOPPED} tells when it is gone. */
    STOP_REQUESTED,
    /** A VM is gone, whoever ended it. */
    VM_STOPPED,
    /** A disk joined a running VM. */
    DISK_ATTACHED,
    /** A disk left a running VM. */
    DISK_DETACHED,
    /** A change of a running VM, such as a disk, was asked for and refused. */
    CHANGE_REFUSED,
    /** Lost labels of a VM were set again. */
    VM_RELABELLED,
    /** A guard stands before the monitor of a VM. */
    GUARD_ATTACHED,
    /** A guard does not reach the monitor of its VM any more. */
    GUARD_DETACHED,
    /** qemu has something else open or connected than the guard expects, or a check found labels that others changed. */
    DRIFT,
    /** A block job has ended, well or not. */
    JOB_ENDED,
    /** Labels follow the holds outside a command: a job, a device or a node is gone. */
    LABELS_CHANGED,
    /** A VM that has ended, or a disk that has left, has a header that the next start does not believe. */
    HEADER_CHANGED,
    /** The kernel denied something to a VM's process; {@link AuditDenial} tells how that is to be taken. */
    DENIED,
    /** Another host holds a file as well that a VM holds here. */
    HELD_ELSEWHERE,
    /** Another host holds a file no more that a VM holds here. */
    LEFT_ELSEWHERE,
    /** The service has begun to write this log. */
    SERVICE_STARTED,
    /** Entries before this one were lost: the queue was full, or the disk. */
    LINES_LOST
}
