package labeler.view;

import labeler.lifecycle.Matrix.Access;
import labeler.view.Terminal.Style;

/** The matrix on a terminal: a line for each file, a column for each VM. */
public final class MatrixText {
    /** As many columns as fit beside a path; beyond that VMs are counted. */
    private static final int MAXIMUM_COLUMNS = 12;

    private static final int MAXIMUM_NAME = 12;

    private final Terminal terminal;

    public MatrixText(Terminal terminal) {
        this.terminal = terminal;
    }

    public void print(MatrixTable table) {
        if (table.vms().isEmpty()) {
            terminal.print("no VMs");
            return;
        }
        if (table.vms().size() > MAXIMUM_COLUMNS) {
            counts(table);
        } else {
            grid(table);
        }
        faults(table);
    }

    private void grid(MatrixTable table) {
        StringBuilder heads = new StringBuilder();
        for (String vm : table.vms()) {
            heads.append(cell(vm.length() > MAXIMUM_NAME ? vm.substring(0, MAXIMUM_NAME - 1) + "…" : vm, vm));
        }
        terminal.print(terminal.styled(Style.BOLD, heads + "FILE"));
        for (int file = 0; file < table.files().size(); file++) {
            StringBuilder line = new StringBuilder();
            for (int vm = 0; vm < table.vms().size(); vm++) {
                line.append(cell(mark(table.access(vm, file)), table.vms().get(vm)));
            }
            MatrixTable.File shown = table.files().get(file);
            terminal.print(line + shown.path() + "  " + terminal.styled(Style.DIM, shown.context()));
        }
        terminal.print(terminal.styled(Style.DIM, "rw: read and write, r: read, fd: only what was opened by others"));
    }

    /** A cell as wide as its column's head. */
    private static String cell(String text, String head) {
        int width = Math.max(2, Math.min(head.length(), MAXIMUM_NAME)) + 2;
        return text + " ".repeat(Math.max(1, width - text.length()));
    }

    private static String mark(String access) {
        for (Access known : Access.values()) {
            if (known.word().equals(access)) {
                return switch (known) {
                    case NONE -> "·";
                    case READ -> "r";
                    case READ_WRITE -> "rw";
                    case DESCRIPTOR -> "fd";
                };
            }
        }
        return "?";
    }

    private void counts(MatrixTable table) {
        for (int vm = 0; vm < table.vms().size(); vm++) {
            int writes = 0;
            int reads = 0;
            for (int file = 0; file < table.files().size(); file++) {
                String access = table.access(vm, file);
                writes += access.equals(Access.READ_WRITE.word()) ? 1 : 0;
                reads += access.equals(Access.READ.word()) ? 1 : 0;
            }
            terminal.print(table.vms().get(vm) + ": writes " + writes + ", reads " + reads + " of "
                    + table.files().size() + " files");
        }
    }

    private void faults(MatrixTable table) {
        for (int file = 0; file < table.files().size(); file++) {
            for (int vm = 0; vm < table.vms().size(); vm++) {
                String name = table.vms().get(vm);
                String path = table.files().get(file).path();
                if (table.isTooMuch(vm, file)) {
                    terminal.err()
                            .println(terminal.styled(Style.WARNING, "WARNING: ") + name + " can reach " + path + " ("
                                    + table.access(vm, file) + "), which it does not hold");
                } else if (table.isTooLittle(vm, file)) {
                    terminal.err()
                            .println(terminal.styled(Style.WARNING, "WARNING: ") + name + " cannot reach its own "
                                    + path + "; set its label again with labeler relabel");
                }
            }
        }
    }
}
