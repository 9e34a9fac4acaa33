package labeler.linux.jna;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;

/** The program that the exec test runs in a JVM of its own: it turns into a shell, with one file inherited. */
final class ExecProgram {
    private ExecProgram() {}

    /** Arguments: the file to hand over, and the shell script, whose first parameter is the file's descriptor. */
    public static void main(String[] arguments) {
        Linux linux = JnaLinux.create();
        OpenedFile file = (OpenedFile) linux.open().open(HostPath.of(arguments[0]), OpenRequest.IMAGE);
        String number = Integer.toString(file.descriptor().number());
        LinuxException failure = linux.exec()
                .become(
                        HostPath.of("/bin/sh"),
                        List.of(bytes("sh"), bytes("-c"), bytes(arguments[1]), bytes("sh"), bytes(number)),
                        List.of(bytes("GREETING=hello")),
                        Optional.empty(),
                        Set.of(file.descriptor()));
        System.out.println("failed: " + failure.getMessage());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
