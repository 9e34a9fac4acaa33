package labeler.adoption;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import labeler.policy.Programs;

/** Asks libvirt's system daemon, by virsh. No shell sees a word of it. */
record Virsh(Programs programs) {
    /** The most of a message of virsh's that is shown. */
    private static final int LONGEST_MESSAGE = 500;

    /** virsh has answered that it failed. */
    static final class Failed extends IOException {
        private static final long serialVersionUID = 1;

        Failed(String message) {
            super(message);
        }
    }

    /**
     * The answer.
     *
     * @throws Failed with virsh's own words, on one line
     * @throws IOException if virsh is not installed, or cannot be run
     */
    String ask(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("virsh", "--quiet", "--connect", "qemu:///system"));
        command.addAll(List.of(arguments));
        Programs.Ended ended = programs.run(command, _ -> {});
        if (ended.exitCode() != 0) {
            throw new Failed("virsh " + arguments[0] + " fails:" + oneLine(ended.err()));
        }
        return ended.out();
    }

    static String oneLine(String message) {
        String words = message.lines().reduce("", (all, line) -> line.isBlank() ? all : all + " " + line.strip());
        return words.substring(0, Math.min(words.length(), LONGEST_MESSAGE));
    }
}
