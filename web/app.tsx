/**
 * The page's frame: what is around every page, and which page an address is.
 * It does not deal with what is on them.
 */
import {
  ActionIcon,
  AppShell,
  Badge,
  Box,
  Burger,
  Button,
  Center,
  Group,
  Loader,
  MantineProvider,
  NavLink,
  ScrollArea,
  Stack,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import {useDisclosure, useDocumentTitle} from '@mantine/hooks';
import {Notifications} from '@mantine/notifications';
import {
  IconAlertTriangle,
  IconBell,
  IconCalendarStats,
  IconHistory,
  IconListCheck,
  IconLock,
  IconLogout,
  IconMoon,
  IconRoute,
  IconSun,
  IconTimeline,
  IconTopologyStar3,
} from '@tabler/icons-react';
import {QueryClient, QueryClientProvider} from '@tanstack/react-query';
import {type ComponentType, lazy, type ReactNode, Suspense} from 'react';
import {Link, Route, Switch, useLocation} from 'wouter';
import {Refused} from './api.ts';
import {decoded} from './decoded.ts';
import {LiveProvider, useLive} from './live.tsx';
import {titleOf} from './page-title.ts';
import {Boundary} from './parts/boundary.tsx';
import {theme} from './theme.ts';
import {arrived} from './unreachable.ts';

const Overview = page(async () => (await import('./pages/overview.tsx')).OverviewPage);
const Graph = page(async () => (await import('./pages/graph.tsx')).GraphPage);
const Asset = page(async () => (await import('./pages/asset.tsx')).AssetPage);
const Partition = page(async () => (await import('./pages/partition.tsx')).PartitionPage);
const Plan = page(async () => (await import('./pages/plan.tsx')).PlanPage);
const Runs = page(async () => (await import('./pages/runs.tsx')).RunsPage);
const Run = page(async () => (await import('./pages/run.tsx')).RunPage);
const Gaps = page(async () => (await import('./pages/gaps.tsx')).GapsPage);
const Alerts = page(async () => (await import('./pages/alerts.tsx')).AlertsPage);
const Events = page(async () => (await import('./pages/events.tsx')).EventsPage);

/** Its code is fetched when it is opened for the first time. */
function page<Props>(fetched: () => Promise<ComponentType<Props>>) {
  return lazy(async () => ({default: await arrived(fetched())}));
}

/** What was refused is refused again. */
const retry = (failures: number, error: Error) =>
  failures < 1 && !(error instanceof Refused && error.status < 500);

const client = new QueryClient({
  defaultOptions: {queries: {retry, refetchOnWindowFocus: false, staleTime: 30_000}},
});

/** The server allows styles with this word alone. */
function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
}

// What dialogs bring along to lock scrolling looks for it there.
Object.assign(globalThis, {__webpack_nonce__: nonce()});

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={nonce}>
      <Notifications position="bottom-right" />
      <QueryClientProvider client={client}>
        <LiveProvider
          whileWaiting={<Waiting />}
          onError={(error, retry) => <Trouble error={error} retry={retry} />}
        >
          <Frame />
        </LiveProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

const PLACES = [
  {to: '/', name: 'Overview', icon: IconCalendarStats},
  {to: '/graph', name: 'Graph', icon: IconTopologyStar3},
  {to: '/plan', name: 'Plan', icon: IconListCheck},
  {to: '/runs', name: 'Runs', icon: IconHistory},
  {to: '/gaps', name: 'Gaps', icon: IconAlertTriangle},
  {to: '/alerts', name: 'Alerts', icon: IconBell},
  {to: '/events', name: 'Events', icon: IconTimeline},
] as const;

function Frame() {
  const [isOpen, {toggle, close}] = useDisclosure(false);
  const [location] = useLocation();
  const {pipeline, connection} = useLive();
  useDocumentTitle(`${titleOf(location)} · ${pipeline.pipeline}`);
  const isAt = (to: string) =>
    to === '/' ? location === '/' || location.startsWith('/assets') : location.startsWith(to);
  return (
    <AppShell
      header={{height: 52}}
      navbar={{width: 190, breakpoint: 'sm', collapsed: {mobile: !isOpen}}}
      padding="md"
    >
      <AppShell.Header>
        <Group h="100%" px={{base: 'xs', sm: 'md'}} gap={8} justify="space-between" wrap="nowrap">
          <Group gap={8} wrap="nowrap">
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Pages" />
            <Box visibleFrom="sm" lh={0}>
              <IconRoute size={22} aria-hidden />
            </Box>
            <Text fw={650} truncate>
              {pipeline.pipeline}
            </Text>
            <Badge variant="light" tt="none">
              {pipeline.target}
            </Badge>
            {pipeline.isReadOnly && (
              <>
                <Badge variant="outline" color="gray" tt="none" visibleFrom="sm">
                  read-only
                </Badge>
                <Tooltip label="read-only" withArrow>
                  <Box hiddenFrom="sm" lh={0} role="img" aria-label="read-only">
                    <IconLock size={16} aria-hidden />
                  </Box>
                </Tooltip>
              </>
            )}
          </Group>
          <Group gap={4} wrap="nowrap">
            <Line />
            <SchemeButton />
            {pipeline.hasLogin && <LogoutButton />}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs">
        <ScrollArea component="nav" aria-label="Pages">
          {PLACES.map(({to, name, icon: Icon}) => (
            <NavLink
              key={to}
              component={Link}
              href={to}
              label={name}
              active={isAt(to)}
              onClick={close}
              leftSection={<Icon size={18} aria-hidden />}
              {...(isAt(to) ? {'aria-current': 'page' as const} : {})}
            />
          ))}
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main>
        <Boundary at={location} connection={connection}>
          <Suspense fallback={<Waiting />}>
            <Switch>
              <Route path="/">
                <Overview />
              </Route>
              <Route path="/graph">
                <Graph />
              </Route>
              <Route path="/assets/:asset">{({asset}) => <Asset name={decoded(asset)} />}</Route>
              <Route path="/assets/:asset/:key">
                {({asset, key}) => <Partition asset={decoded(asset)} partitionKey={decoded(key)} />}
              </Route>
              <Route path="/plan">
                <Plan />
              </Route>
              <Route path="/runs">
                <Runs />
              </Route>
              <Route path="/runs/:id">{({id}) => <Run id={decoded(id)} />}</Route>
              <Route path="/gaps">
                <Gaps />
              </Route>
              <Route path="/alerts">
                <Alerts />
              </Route>
              <Route path="/events">
                <Events />
              </Route>
              <Route>
                <Text>There is no page at this address.</Text>
              </Route>
            </Switch>
          </Suspense>
        </Boundary>
      </AppShell.Main>
    </AppShell>
  );
}

/** Whether what is seen is what is there. */
function Line() {
  const {connection, pipeline} = useLive();
  if (pipeline.mistakes.length > 0)
    return (
      <Tooltip label={pipeline.mistakes[0]?.message}>
        <Badge color="red" variant="light" tt="none">
          manifest has mistakes
        </Badge>
      </Tooltip>
    );
  const word = {connecting: 'connecting', open: 'live', lost: 'offline'}[connection];
  return (
    <Badge color={connection === 'lost' ? 'orange' : 'teal'} variant="dot" tt="none" role="status">
      {word}
      {connection === 'lost' && (
        <Box component="span" visibleFrom="sm">
          : shows what was last known
        </Box>
      )}
    </Badge>
  );
}

function SchemeButton() {
  const {setColorScheme} = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={isDark ? 'Light colours' : 'Dark colours'}
      onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
    >
      {isDark ? <IconSun size={18} aria-hidden /> : <IconMoon size={18} aria-hidden />}
    </ActionIcon>
  );
}

/** Not by a form: one that is sent without a referrer does not say where it comes from, and is refused. */
function LogoutButton() {
  const logOut = () => void fetch('/logout', {method: 'POST'}).finally(() => location.assign('/login'));
  return (
    <ActionIcon variant="subtle" color="gray" aria-label="Log out" onClick={logOut}>
      <IconLogout size={18} aria-hidden />
    </ActionIcon>
  );
}

function Waiting() {
  return (
    <Center h="60vh">
      <Loader aria-label="Loading" />
    </Center>
  );
}

function Trouble({error, retry}: {readonly error: Error; readonly retry: () => void}): ReactNode {
  return (
    <Center h="60vh">
      <Stack align="center" gap="sm" maw={520} p="md">
        <IconAlertTriangle size={32} aria-hidden />
        <Text role="alert">{error.message}</Text>
        <Button onClick={retry}>Try again</Button>
      </Stack>
    </Center>
  );
}
