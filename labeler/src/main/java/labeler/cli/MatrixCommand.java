package labeler.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import labeler.api.ExitCode;
import labeler.cli.option.Converters;
import labeler.client.PercentEncoding;
import labeler.lifecycle.Matrix;
import labeler.view.MatrixSvg;
import labeler.view.MatrixText;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "matrix",
        description = {
            "Shows which VM can reach which file, as the kernel decides it.",
            "SELinux decides by labels. Where it is not active, Landlock decides by what each VM holds."
        },
        exitCodeList = {
            "0:shown",
            "1:no such VM, or the kernel does not answer",
            "2:usage",
            "5:no service, or not permitted"
        })
final class MatrixCommand extends AbstractCommand implements Callable<Integer> {
    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Option(names = "--svg", description = "Print a picture (SVG) instead of a table.")
    private boolean svg;

    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            converter = Converters.OfVmName.class,
            description = "The VM to show against the files of all; every VM by default.")
    private @Nullable VmName name;

    @Override
    public Integer call() {
        if (svg && !service.form().isForPeople()) {
            return complain("--svg and --json exclude each other; leave one of them out", ExitCode.USAGE);
        }
        String path = Optional.ofNullable(name)
                .map(vm -> "/v1/vms/" + PercentEncoding.encode(vm.value()) + "/matrix")
                .orElse("/v1/matrix");
        return service.get(surroundings(), path).show(Matrix.class, this::print);
    }

    private void print(Matrix matrix) {
        if (svg) {
            terminal().print(new MatrixSvg(matrix).text());
        } else {
            new MatrixText(terminal()).print(matrix);
        }
    }
}
