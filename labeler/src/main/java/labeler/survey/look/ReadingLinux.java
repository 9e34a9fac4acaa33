package labeler.survey.look;

import labeler.linux.Linux;

/** The kernel for a survey: files are opened to be read, devices not at all, and no label is set. */
public final class ReadingLinux {
    private ReadingLinux() {}

    public static Linux of(Linux linux) {
        return new Linux(
                new ReadingOpen(linux.open()),
                linux.handles(),
                new ReadingAttributes(linux.attributes()),
                linux.fileSystems(),
                linux.entries(),
                linux.processes(),
                linux.exec(),
                linux.sockets(),
                linux.users());
    }
}
