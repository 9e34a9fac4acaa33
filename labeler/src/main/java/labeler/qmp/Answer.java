package labeler.qmp;

import labeler.json.Json;

/** The result of a command. */
public sealed interface Answer {
    record Done(Json value) implements Answer {}

    /**
     * qemu refused the command.
     *
     * @param errorClass one of QAPI's error classes: {@code GenericError}, {@code DeviceNotFound}, …
     * @param description one line, in qemu's words
     */
    record Refused(String errorClass, String description) implements Answer {
        private static final String NOT_FOUND = "DeviceNotFound";

        /** Whether the command's device does not exist. */
        public boolean isNoSuchDevice() {
            return errorClass.equals(NOT_FOUND);
        }
    }

    /**
     * No answer, or an invalid one. Nobody knows whether qemu did it, and the connection cannot be used any more.
     *
     * @param message one line
     */
    record Broken(String message) implements Answer {}
}
