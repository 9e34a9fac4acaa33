package labeler.vm.qemu.option;

import java.util.List;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.DefinitionBuilder;
import labeler.vm.Origin;
import labeler.vm.VmDefinition;
import labeler.vm.qemu.text.ByteText;

/**
 * Reads a qemu command line as qemu 10.0 does, and tells which files it names. Nothing is opened. An option that is not
 * in the table, and a setting that may name a file and is not understood, are problems.
 */
public final class QemuCommandLine {
    /** Bytes: {@code MAX_ARG_STRLEN} of Linux, 32 pages, counts the NUL that ends an argument. */
    public static final int MAXIMUM_ARGUMENT = (128 << 10) - 1;

    /** Far more than libvirt writes for its largest VMs. */
    private static final int MAXIMUM_ARGUMENTS = 20_000;

    /** All of them together: what Linux passes by default (a quarter of an 8 MiB stack), doubled. */
    private static final long MAXIMUM_TOTAL = 4L << 20;

    private QemuCommandLine() {}

    /**
     * The files that this command line names.
     *
     * @param argv as for execve(2): the program's name first
     * @param workingDirectory of the qemu process, absolute: what relative names are relative to
     */
    public static VmDefinition parse(List<byte[]> argv, HostPath workingDirectory) {
        DefinitionBuilder out = new DefinitionBuilder(workingDirectory);
        Origin whole = new Origin("command line");
        if (!workingDirectory.isAbsolute()) {
            out.malformed(whole, "the working directory is not an absolute path");
        } else if (argv.isEmpty()) {
            out.malformed(whole, "not even the program is named");
        } else if (isTooLong(argv)) {
            out.problem(Problem.Kind.TOO_MANY, whole, "longer than Linux passes to a program");
        } else if (argv.stream().anyMatch(QemuCommandLine::hasNul)) {
            out.malformed(whole, "an argument with a NUL byte, which Linux cannot pass");
        } else {
            parseOptions(argv.stream().map(ByteText::of).toList(), "", out);
        }
        return out.build();
    }

    /**
     * Adds what a list of arguments says of files, as libvirt's {@code <qemu:commandline>} appends it.
     *
     * @param prefix of each origin
     */
    public static void parseArguments(List<byte[]> arguments, String prefix, DefinitionBuilder out) {
        if (isTooLong(arguments) || arguments.stream().anyMatch(QemuCommandLine::hasNul)) {
            out.malformed(new Origin(prefix), "arguments that Linux cannot pass to a program");
            return;
        }
        Parsing parsing = Parsing.into(out);
        read(arguments.stream().map(ByteText::of).toList(), prefix, parsing);
        parsing.finishFiles();
    }

    /** Whether this property of a device may decide which files it opens. */
    public static boolean mayNameFile(String property, String value) {
        return Devices.mayNameFile(property, value);
    }

    private static void parseOptions(List<String> argv, String prefix, DefinitionBuilder out) {
        Parsing parsing = Parsing.into(out);
        read(argv.subList(1, argv.size()), prefix, parsing);
        parsing.finishFiles();
        parsing.finishAcceleration(argv.getFirst());
    }

    private static void read(List<String> arguments, String prefix, Parsing parsing) {
        OptionReader.read(arguments, prefix, parsing.out()).forEach(option -> option.declare(parsing));
    }

    /** Whether Linux would not pass these to a program. */
    public static boolean isTooLong(List<byte[]> arguments) {
        return arguments.size() > MAXIMUM_ARGUMENTS
                || arguments.stream().anyMatch(argument -> argument.length > MAXIMUM_ARGUMENT)
                || arguments.stream().mapToLong(argument -> argument.length).sum() > MAXIMUM_TOTAL;
    }

    private static boolean hasNul(byte[] argument) {
        for (byte b : argument) {
            if (b == 0) {
                return true;
            }
        }
        return false;
    }
}
