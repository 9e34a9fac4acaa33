package labeler.cli;

import labeler.config.ProgramVersion;
import picocli.CommandLine.IVersionProvider;

/** The text that {@code --version} prints. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"labeler " + ProgramVersion.text()};
    }
}
