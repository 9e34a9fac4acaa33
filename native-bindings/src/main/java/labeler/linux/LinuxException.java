package labeler.linux;

import java.io.IOException;

/** A system call failed. The message names the call, what it was done to, and the kernel's reason. */
public final class LinuxException extends IOException {
    private final String call;
    private final String subject;
    private final int code;

    /**
     * @param call the system call's name, as in the manual: {@code fsetxattr}
     * @param subject what it was done to, printable: a path, a process
     * @param code errno
     */
    public LinuxException(String call, String subject, int code) {
        super(call + " " + subject + ": " + describe(code));
        this.call = call;
        this.subject = subject;
        this.code = code;
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

    public Errno errno() {
        return Errno.of(code);
    }

    public int code() {
        return code;
    }
}
