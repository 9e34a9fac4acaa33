package labeler.linux.jna;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.linux.Access;
import labeler.linux.Descriptor;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LandlockRight;
import labeler.linux.LandlockRule;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenRequest.Links;
import labeler.linux.OpenedFile;

/** The program that the exec test runs in a JVM of its own: it turns into a shell, with one file inherited. */
final class ExecProgram {
    private ExecProgram() {}

    /**
     * Arguments: the file to hand over; the shell script, whose first parameter is the file's descriptor; and directories
     * which alone may then be read and executed from, if there are any.
     */
    public static void main(String[] arguments) {
        Linux linux = JnaLinux.create();
        OpenedFile file = (OpenedFile) linux.open().open(HostPath.of(arguments[0]), OpenRequest.IMAGE);
        String number = Integer.toString(file.descriptor().number());
        HostPath shell = HostPath.of("/bin/sh");
        List<byte[]> words = List.of(bytes("sh"), bytes("-c"), bytes(arguments[1]), bytes("sh"), bytes(number));
        List<byte[]> environment = List.of(bytes("GREETING=hello"));
        Set<Descriptor> inherited = Set.of(file.descriptor());
        LinuxException failure;
        if (arguments.length == 2) {
            failure = linux.exec().become(shell, words, environment, Optional.empty(), inherited);
        } else {
            List<LandlockRule> rules = Arrays.stream(arguments)
                    .skip(2)
                    .map(directory -> rule(linux, directory))
                    .toList();
            failure = linux.exec().becomeConfined(shell, words, environment, Optional.empty(), inherited, rules);
        }
        System.out.println("failed: " + failure.getMessage());
    }

    private static LandlockRule rule(Linux linux, String directory) {
        OpenRequest request = new OpenRequest(Access.READ_ONLY, Set.of(FileType.DIRECTORY), Links.FOLLOW);
        OpenedFile opened = (OpenedFile) linux.open().open(HostPath.of(directory), request);
        return new LandlockRule(opened, Set.of(LandlockRight.EXECUTE, LandlockRight.READ_FILE, LandlockRight.READ_DIR));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
