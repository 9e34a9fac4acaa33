package labeler.qmp;

import labeler.json.Json;

/** What came of a command. */
public sealed interface Answer {
    record Done(Json value) implements Answer {}

    /**
     * qemu says that it has not done it.
     *
     * @param errorClass one of QAPI's: {@code GenericError}, {@code DeviceNotFound}, …
     * @param description one line, in qemu's words
     */
    record Refused(String errorClass, String description) implements Answer {
        private static final String NOT_FOUND = "DeviceNotFound";

        /** Whether the device that the command is about is not there. */
        public boolean isNoSuchDevice() {
            return errorClass.equals(NOT_FOUND);
        }
    }

    /**
     * No answer, or none that can be believed: whether qemu has done it is not known, and the connection is of no more
     * use.
     *
     * @param message one line
     */
    record Broken(String message) implements Answer {}
}
