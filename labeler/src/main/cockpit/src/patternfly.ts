// What the page has of PatternFly. Each comes from its own directory: PatternFly's index would bring the styles of all.

import "@patternfly/react-core/dist/styles/base.css";
import "@patternfly/react-styles/css/components/Label/label.css";

export { Alert } from "@patternfly/react-core/dist/esm/components/Alert";
export { Button } from "@patternfly/react-core/dist/esm/components/Button";
export {
    DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm,
} from "@patternfly/react-core/dist/esm/components/DescriptionList";
export { EmptyState, EmptyStateBody } from "@patternfly/react-core/dist/esm/components/EmptyState";
export { List, ListComponent, ListItem } from "@patternfly/react-core/dist/esm/components/List";
export { Nav, NavItem, NavList } from "@patternfly/react-core/dist/esm/components/Nav";
export { Page, PageSection } from "@patternfly/react-core/dist/esm/components/Page";
export { SkipToContent } from "@patternfly/react-core/dist/esm/components/SkipToContent";
export { Spinner } from "@patternfly/react-core/dist/esm/components/Spinner";
export { TextInput } from "@patternfly/react-core/dist/esm/components/TextInput";
export { Title } from "@patternfly/react-core/dist/esm/components/Title";
export { Toolbar, ToolbarContent, ToolbarItem } from "@patternfly/react-core/dist/esm/components/Toolbar";
export { Caption, Table, Tbody, Th, Thead, Tr } from "@patternfly/react-table/dist/esm/components/Table";
