package labeler.lifecycle;

import labeler.vm.VmName;

/**
 * A request for the end of a VM.
 *
 * @param running what to do if its process runs
 * @param uid the user who asks: another than root can only have a process of its own ended
 */
public record StopRequest(VmName name, WhileRunning running, int uid) {
    /** The treatment of a VM whose process runs. */
    public enum WhileRunning {
        /** Give its labels back; the process stays, and the VM with it. */
        GIVE_BACK,
        /** Change nothing. */
        REFUSE,
        /** End the process first: SIGTERM, which lets qemu write what it has, and SIGKILL if that is not enough. */
        END_IT
    }
}
