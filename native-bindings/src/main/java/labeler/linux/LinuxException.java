package labeler.linux;

import java.io.IOException;

/** A system call failed. The message names the call, its object, and the kernel's reason. */
public final class LinuxException extends IOException {
    private final String call;
    private final String subject;
    private final int code;
    private final String reason;

    /**
     * @param call the system call's name, as in the manual: {@code fsetxattr}
     * @param subject its object, printable: a path, a process
     * @param code errno
     */
    public LinuxException(String call, String subject, int code) {
        this(call, subject, code, "");
    }

    /** @param reason facts that the kernel's own reason does not have, and the way out; empty for none */
    public LinuxException(String call, String subject, int code, String reason) {
        super(call + " " + subject + ": " + describe(code) + (reason.isEmpty() ? "" : ": " + reason));
        this.call = call;
        this.subject = subject;
        this.code = code;
        this.reason = reason;
    }

    static String describe(int code) {
        Errno errno = Errno.of(code);
        return errno == Errno.OTHER ? "errno " + code : errno.text();
    }

    public String call() {
        return call;
    }

    public String subject() {
        return subject;
    }

    /** Whether the message says more than the kernel's own reason. */
    public boolean isExplained() {
        return !reason.isEmpty();
    }

    public Errno errno() {
        return Errno.of(code);
    }

    public int code() {
        return code;
    }
}
